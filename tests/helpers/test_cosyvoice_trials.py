"""The helpers of CosyVoice's patches that need torch: the same bits, and what they leave alone.

Needs TTSOPT_PYTHON_COSYVOICE, an interpreter as docs/environments.md makes it.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from upstream_views import needed

pytestmark = pytest.mark.upstream

HELPERS = Path(__file__).parents[2] / "patches" / "_helpers"


def tried(name: str, script: str = "cosyvoice_trials.py") -> Any:
    trials = Path(__file__).with_name(script)
    command = [needed("TTSOPT_PYTHON_COSYVOICE"), str(trials), str(HELPERS), name]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_the_same_token_is_drawn_and_the_generator_left_alike() -> None:
    rows = tried("nucleus")
    assert rows["different"] == 0
    assert {1, 2, 3, 25} <= set(rows["counts"])


def test_odd_scores_and_limits_are_counted_one_by_one() -> None:
    assert tried("other_ways")["sizes"] == [25, 0, 0, 0, 25, 25]


def test_a_folded_vocoder_gives_the_same_bits_and_can_be_loaded_again() -> None:
    rows = tried("weight_norm")
    assert sorted(rows) == [
        "new CausalVocoder",
        "new _Vocoder",
        "old CausalVocoder",
        "old _Vocoder",
    ]
    assert list(rows.values()) == [[3, True, True, 4]] * 4


def test_folding_can_be_turned_off_and_says_where_it_fails() -> None:
    rows = tried("weight_norm_off")
    assert (rows["off"], rows["same"], rows["stuck"]) == (0, True, 0)
    assert len(rows["said"]) == 1
    assert rows["said"][0].startswith("weight norm stays: ")


def test_a_recording_is_kept_by_its_content_and_given_out_as_copies() -> None:
    rows = tried("kept_voice", "kept_voice_trials.py")
    assert rows == {
        "file": 1,
        "length": [5],
        "same": True,
        "other method": [1, 1],
        "written over, same time and size": [2, 1.0],
        "streams": 4,
        "failures": [2, 6],
        "tensor": True,
        "dtype and shape": 3,
        "with gradients": 5,
        "kept in inference mode": [6, False],
        "no tensor": 2,
        "three at most": 5,
        "attribute set": 2,
        "copy": 1,
        "off": 3,
        "let go": True,
        "counted": {"hits": 2, "misses": 1},
    }


def test_a_kept_result_of_a_device_waits_on_the_host_and_none_of_its_copies_is_made_on_the_device() -> (
    None
):
    rows = tried("on_a_device", "kept_voice_trials.py")
    assert rows["made"] == ["cpu to meta"] * 2 + ["meta to cpu"] * 2
    assert rows["hit"] == ["cpu to meta"] * 2
    assert rows["same"] is True
    assert rows["devices"] == ["meta"]


def test_sessions_are_shared_by_file_options_and_providers() -> None:
    rows = tried("sessions", "shared_session_trials.py")
    assert rows["answer"] == [2.0, 2.0]
    assert rows["others"] == 3
    truths = ["same", "bytes", "file of another time", "off", "let go"]
    assert [rows[name] for name in truths] == [True] * 5


def test_qwen_without_its_head_gives_the_same_bits_in_every_step() -> None:
    assert tried("hidden_states")["equal"] == [True] * 13


def test_an_exported_part_needs_a_gpu_its_file_and_its_package() -> None:
    rows = tried("exported")
    assert [name for name, usable in rows.items() if usable] == ["file", "package"]
    assert len(rows) == 8
