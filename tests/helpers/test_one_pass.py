"""The one pass over a paraformer gives what upstream's loop gives: over lengths, seeds, threads, sessions.

Needs TTSOPT_UPSTREAMS with Step-Audio-EditX, and TTSOPT_PYTHON_STEP_AUDIO (docs/environments.md).
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from upstream_views import ENVIRONMENT, IN_TARGET, lay_out, needed

from ttsopt.operations.apply import apply
from ttsopt.operations.locate import Target
from ttsopt.operations.plan.selection import Selection
from ttsopt.operations.planning import PlanRequest

pytestmark = pytest.mark.upstream

TRIALS = Path(__file__).with_name("one_pass_trials.py")
PATCH = "step-audio/one-pass-encoder"
MODEL = "funasr_detach/models/paraformer_streaming/model.py"
# Two orders of adding float32 products up; a forgotten window of the past is 100,000 times that.
ROUNDING = 2e-6
ONE_THREAD = "lengths,dither,look_back,chunk_sizes,double,sessions,bits,one_chunk,device,falls_back"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Upstream's newest commit twice, one of them with the patch, and a place for random weights."""
    folder = tmp_path_factory.mktemp("one-pass")
    for name in ("shipped", "patched"):
        lay_out("Step-Audio-EditX", "HEAD", folder / name)
    done = apply(PlanRequest(Target(folder / "patched"), Selection((PATCH,))))
    assert not done.refusal
    (folder / "scratch").mkdir()
    return folder


def run(folder: Path, view: str, what: str, threads: int = 1) -> dict[str, Any]:
    """What the trials found in an interpreter of Step-Audio's own."""
    python, in_target = needed("TTSOPT_PYTHON_STEP_AUDIO"), str(IN_TARGET)
    paths = [in_target, str(folder / view), str(folder / "scratch")]
    variables = {**os.environ, **ENVIRONMENT, "OMP_NUM_THREADS": str(threads)}
    done = subprocess.run(
        [python, str(TRIALS), *paths, str(threads), "tiny", what],
        env={**variables, "MKL_NUM_THREADS": str(threads)},
        cwd=folder / view,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["fallbacks"] == []
    return found


@pytest.fixture(scope="module")
def found(folder: Path) -> dict[str, Any]:
    """All trials on one thread."""
    return run(folder, "patched", ONE_THREAD)


def same(rows: list[dict[str, Any]]) -> bool:
    """Whether there is as much of both, it differs by rounding alone, and every token is equal."""
    return all(
        row["rows"][0] == row["rows"][1]
        and row["relative"] < ROUNDING
        and row["equal"] == row["tokens"]
        for row in rows
    )


def test_every_length_gives_the_loops_tokens(found: dict[str, Any]) -> None:
    assert same(found["lengths"])
    assert sum(row["tokens"] for row in found["lengths"]) > 2000
    assert {0.3, 31.0} <= {row["samples"] / 16000 for row in found["lengths"]}


def test_two_threads_give_the_loops_tokens(folder: Path) -> None:
    assert same(run(folder, "patched", "lengths", threads=2)["lengths"])


def test_the_dither_draws_what_the_loop_draws(found: dict[str, Any]) -> None:
    assert same(found["dither"]["rows"])
    assert found["dither"]["seed_matters"]


def test_in_float64_hardly_anything_is_left_of_the_difference(found: dict[str, Any]) -> None:
    assert found["double"] < 1e-14


def test_a_forgotten_window_would_be_seen(found: dict[str, Any]) -> None:
    forgotten, less = found["look_back"]
    assert forgotten["relative"] > 1000 * ROUNDING
    assert same([less])


def test_other_chunk_sizes_give_the_loops_tokens(found: dict[str, Any]) -> None:
    assert same(found["chunk_sizes"])


def test_a_session_may_go_on_either_way(found: dict[str, Any]) -> None:
    assert same(found["sessions"])
    assert max(row["cache"] for row in found["sessions"]) < ROUNDING
    assert sum(row["tokens"] for row in found["sessions"]) > 200


def test_turned_off_and_for_one_chunk_it_is_the_loop_to_the_bit(
    folder: Path, found: dict[str, Any]
) -> None:
    assert found["bits"] == run(folder, "shipped", "bits")["bits"]
    assert found["one_chunk"]


def test_on_another_device_everything_stays_there(found: dict[str, Any]) -> None:
    assert found["device"] == ["meta"]


def test_an_unexpected_model_is_left_to_the_loop_and_that_is_said_once(
    found: dict[str, Any],
) -> None:
    for name, row in found["falls_back"].items():
        assert row["same"], name
        assert len(row["said"]) == 1, name
    assert len({row["said"][0] for row in found["falls_back"].values()}) == len(found["falls_back"])
