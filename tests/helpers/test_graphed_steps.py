"""Decoders by CUDA graphs beside upstream's own, without a GPU: `*_graph_trials.py` in each system's interpreter.

Needs clones and interpreters as docs/environments.md makes them.
"""

from __future__ import annotations

import json
import os
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from upstream_views import ENVIRONMENT, lay_out, needed

pytestmark = pytest.mark.upstream

HERE = Path(__file__).parent
HELPERS = Path(__file__).parents[2] / "patches" / "_helpers"
# Trials, the interpreter's variable, the clone, and the paths of it that they read.
SYSTEMS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "gpt_sovits": (
        "TTSOPT_PYTHON_GPT_SOVITS",
        "GPT-SoVITS",
        ("GPT_SoVITS/AR", "GPT_SoVITS/utils.py"),
    ),
}
# Rounding of a few layers, of the largest value.
CLOSE = {"float32": 2e-5, "float64": 1e-12}


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What a system's trials report, run once."""

    @cache
    def of(system: str) -> Any:
        variable, clone, paths = SYSTEMS[system]
        view = tmp_path_factory.mktemp("graphs") / system
        lay_out(clone, "HEAD", view, *paths, only=[".py"])
        trials = HERE / f"{system}_graph_trials.py"
        done = subprocess.run(
            [needed(variable), "-W", "ignore", str(trials), str(HELPERS), str(view)],
            env={**os.environ, **ENVIRONMENT},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.splitlines()[-1])

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
