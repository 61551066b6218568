"""The paraformer with quick products gives its own tokens: over lengths, kinds, threads and instruction sets.

Needs TTSOPT_UPSTREAMS with Step-Audio-EditX, and TTSOPT_PYTHON_STEP_AUDIO (docs/environments.md).
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from helper_trials import LIMITS
from upstream_views import ENVIRONMENT, IN_TARGET, lay_out, needed

from ttsopt.operations.apply import apply
from ttsopt.operations.locate import Target
from ttsopt.operations.plan.selection import Selection
from ttsopt.operations.planning import PlanRequest

pytestmark = pytest.mark.upstream

TRIALS = Path(__file__).with_name("encoder_kernels_trials.py")
PATCHES = ("step-audio/one-pass-encoder", "step-audio/encoder-kernels")
# bfloat16 is at 4e-3, and turns 1.4 % of these tokens.
BOUNDS = {"off": 1e-9, "packed": 1e-5, "int16": 1e-3, "": 1e-3}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Upstream's newest commit with both patches, and a place for random weights."""
    folder = tmp_path_factory.mktemp("encoder-kernels")
    lay_out("Step-Audio-EditX", "HEAD", folder / "patched")
    assert not apply(PlanRequest(Target(folder / "patched"), Selection(PATCHES))).refusal
    (folder / "scratch").mkdir()
    return folder


@pytest.fixture(scope="module", params=LIMITS, ids=lambda limit: limit or "all instructions")
def found(request: pytest.FixtureRequest, folder: Path) -> dict[str, Any]:
    """What the trials found in an interpreter of Step-Audio's own, with kernels chosen anew."""
    command = [needed("TTSOPT_PYTHON_STEP_AUDIO"), "-W", "ignore", str(TRIALS), str(IN_TARGET)]
    limit = {"ONEDNN_MAX_CPU_ISA": request.param} if request.param else {}
    kept = {"TTSOPT_KERNELS_FOLDER": str(folder / "kernels")}
    done = subprocess.run(
        [*command, str(folder / "patched"), str(folder / "scratch")],
        env={**os.environ, **ENVIRONMENT, **limit, **kept},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    results: dict[str, Any] = json.loads(done.stdout)
    return results


@pytest.mark.parametrize("kind", BOUNDS)
def test_every_length_gives_the_same_tokens(found: dict[str, Any], kind: str) -> None:
    row = found["tokens"][kind]
    assert row["tokens"] > 2000
    assert row["equal"] >= 0.99 * row["tokens"]
    # Where products of 8 bits saturate, float32 is taken in their place.
    assert row["relative"] < BOUNDS[kind]
    assert (row["relative"] > 1e-5) == (kind == "int16" and found["digits"]) or kind == ""
    assert not found["said"]


def test_eight_threads_share_one_model(found: dict[str, Any]) -> None:
    assert found["threads"] < BOUNDS["int16"]


def test_other_weights_are_noticed_and_copies_are_plain(found: dict[str, Any]) -> None:
    assert found["reloaded"]["relative"] < BOUNDS["int16"]
    assert found["reloaded"]["plain"] == 0


def test_the_switch_leaves_the_layers_as_they_are(found: dict[str, Any]) -> None:
    assert (found["off"], found["quick"] > 0) == (0, True)
