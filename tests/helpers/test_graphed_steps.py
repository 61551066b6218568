"""Decoders by CUDA graphs beside upstream's own, without a GPU: `*_graph_trials.py` in each system's interpreter.

Needs clones and interpreters as docs/environments.md makes them.
"""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from helper_trials import reported
from upstream_views import ENVIRONMENT, lay_out

pytestmark = pytest.mark.upstream

HERE = Path(__file__).parent
# Of each `*_graph_trials.py` its interpreter's variable, the clone, and patches that are applied to it before.
SYSTEMS = {
    "gpt_sovits": ("TTSOPT_PYTHON_GPT_SOVITS", "GPT-SoVITS", []),
    "cosyvoice": ("TTSOPT_PYTHON_COSYVOICE", "CosyVoice", ["cosyvoice/masks-without-waiting"]),
    "index_tts": ("TTSOPT_PYTHON_INDEX_TTS", "index-tts", []),
    "step_audio": ("TTSOPT_PYTHON_STEP_AUDIO", "Step-Audio-EditX", []),
    "mockingbird": ("TTSOPT_PYTHON_MOCKINGBIRD", "MockingBird", []),
}
# Rounding of a few layers, of the largest value.
CLOSE = {"float32": 2e-5, "float64": 1e-12}


def run_ttsopt(*arguments: str) -> None:
    command = [sys.executable, "-m", "ttsopt", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What a system's trials report, run once."""

    @cache
    def of(system: str) -> Any:
        variable, clone, patches = SYSTEMS[system]
        view = tmp_path_factory.mktemp("graphs") / system
        lay_out(clone, "HEAD", view, only=[".py"])
        if patches:
            run_ttsopt("apply", str(view), *(word for one in patches for word in ("-p", one)))
        script = HERE / f"{system}_graph_trials.py"
        return reported(variable, script, view, environment=ENVIRONMENT, timeout=None)

    return of


@pytest.mark.parametrize("system", SYSTEMS)
def test_graphed_steps_give_what_upstreams_give(tried: Any, system: str) -> None:
    wrong = {name: told for name, told in tried(system)["wrong"].items() if told}
    assert not wrong, "\n".join(f"{name}: {told}" for name, told in wrong.items())


@pytest.mark.parametrize("system", SYSTEMS)
def test_steps_of_fixed_shapes_differ_by_rounding_alone(tried: Any, system: str) -> None:
    rows = tried(system)["parity"]
    assert {row["type"] for row in rows} >= {"float32", "float64"}
    far = [row for row in rows if not row["off"] <= CLOSE[row["type"]] * row["largest"]]
    assert not far
