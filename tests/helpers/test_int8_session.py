"""An ONNX model in 8 bits, tried in an interpreter that has onnxruntime and onnx (int8_session_trials.py).

Needs TTSOPT_PYTHON_STEP_AUDIO (docs/environments.md).
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from upstream_views import PATCHES, needed

pytestmark = pytest.mark.upstream


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    trials = Path(__file__).with_name("int8_session_trials.py")
    command = [needed("TTSOPT_PYTHON_STEP_AUDIO"), "-W", "ignore", str(trials)]
    folders = [PATCHES / "_helpers", PATCHES / "step-audio/workload", tmp_path_factory.mktemp("q")]
    done = subprocess.run(
        [*command, *map(str, folders)], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    results: dict[str, Any] = json.loads(done.stdout)
    return results


def test_a_copy_is_made_once_and_is_small(found: dict[str, Any]) -> None:
    ((name, size),) = found["copies"].items()
    assert name.endswith(".onnx")
    assert size < 0.5 * found["whole"]  # convolutions stay as they are
    assert found["same again"]


def test_most_ids_are_those_of_the_model(found: dict[str, Any]) -> None:
    assert 0.5 < found["equal"] < 1


def test_the_switch_opens_the_model_itself(found: dict[str, Any]) -> None:
    assert found["off"]


def test_what_cannot_be_had_is_said_and_the_model_itself_is_opened(found: dict[str, Any]) -> None:
    for name, (same, said) in found["fallbacks"].items():
        assert same, name
        assert len(said) == 1, name
    assert found["said"] == len(found["fallbacks"])


def test_two_copies_are_kept(found: dict[str, Any]) -> None:
    assert found["bounded"] == 2
