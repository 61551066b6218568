"""Patches that leave out work give upstream's bits, with upstream's own classes around them.

Needs TTSOPT_UPSTREAMS, and TTSOPT_PYTHON_COSYVOICE and TTSOPT_PYTHON_INDEX_TTS (docs/environments.md).
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from upstream_views import ENVIRONMENT, lay_out, needed

from ttsopt.operations.apply import apply
from ttsopt.operations.locate import Target
from ttsopt.operations.plan.selection import Selection
from ttsopt.operations.planning import PlanRequest

pytestmark = pytest.mark.upstream

TRIALS = Path(__file__).with_name("exact_work_trials.py")
HELPERS = Path(__file__).parents[2] / "patches" / "_helpers"


def tried(name: str, python: str, *paths: Path) -> Any:
    given = [str(one) for one in (HELPERS, *paths)]
    command = [needed(f"TTSOPT_PYTHON_{python}"), str(TRIALS), *given, name]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=900, check=False, env=ENVIRONMENT
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def patched(clone: str, patch: str, folder: Path, *paths: str) -> Path:
    lay_out(clone, "HEAD", folder, *paths)
    apply(PlanRequest(Target(folder), Selection((patch,))))
    return folder


def test_the_most_likely_stand_as_in_a_sort_of_all() -> None:
    rows = tried("sort", "COSYVOICE")
    assert rows["different"] == []
    assert rows["shorter"] > rows["rows"] / 2
    assert rows["whole"] == [True, 400, 400]


def test_an_estimator_makes_one_mask_and_gives_the_same_bits(tmp_path: Path) -> None:
    view = patched("CosyVoice", "cosyvoice/shared-masks", tmp_path)
    rows = tried("masks", "COSYVOICE", view, view / "third_party" / "Matcha-TTS")
    assert len(rows) == 8
    # Two resolutions; five blocks, or six where there are two upwards.
    assert {tuple(made) for _, _, made in rows.values()} == {(2, 7)}
    assert all(equal and not_zero for equal, not_zero, _ in rows.values())


def test_a_vocoder_upsamples_once_for_each_stage_and_gives_the_same_bits(tmp_path: Path) -> None:
    view = patched("index-tts", "index-tts/shared-upsampling", tmp_path, "indextts", ":!*.t7")
    rows = tried("upsampling", "INDEX_TTS", view)
    every = 2 * 3 * 6 + 1 + 2  # the activations, and two transposed convolutions
    expected = {
        "plain": every - 4,
        "half": every - 4,
        "other filter": every - 3,
        "hook": every - 3,
        "gradients": every,
        "written to later": every - 3,
    }
    assert {name: row[1][0] for name, row in rows.items()} == expected
    assert all(row[0] and row[1][1] == every for row in rows.values())
    assert rows["hook"][2] == 2


def test_an_emotion_is_computed_once_and_given_out_as_copies() -> None:
    rows = tried("emotion", "INDEX_TTS")
    changes = ("strength", "swapped", "equal, another", "written to", "model", "type")
    assert rows.pop("same") == rows.pop("copies") == [True, 1]
    assert [rows.pop(name) for name in changes] == [1] * len(changes)
    assert rows.pop("counted") == {"hits": 4, "misses": 8}
    assert rows == {"kept": 0, "a copy": 1, "gradients": 2, "inference mode": 2, "off": 2}


def test_a_voice_is_encoded_once_and_gives_the_same_bits(tmp_path: Path) -> None:
    paths = ("indextts", ":!*.t7")
    rows = tried(
        "conditioning",
        "INDEX_TTS",
        patched("index-tts", "index-tts/kept-conditioning", tmp_path, *paths),
    )
    assert rows.pop("vocoder")
    # Again, the same by value, and after its result was written to; anew: each change of voice, and of weights.
    assert list(rows.values()) == [[True, 4, 5]] * 8
