"""The helpers that make a CPU quicker, tried in an interpreter that has torch (cpu_speed_trials.py).

TTSOPT_PYTHON_F5_TTS is an interpreter as docs/environments.md makes it.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
from pathlib import Path

import pytest
from helper_trials import HELPERS, LIMITS
from upstream_views import needed

pytestmark = pytest.mark.upstream

TRIALS = Path(__file__).with_name("cpu_speed_trials.py")
NAMES = [
    one.name
    for one in ast.parse(TRIALS.read_text(encoding="utf-8")).body
    if isinstance(one, ast.FunctionDef) and [arg.arg for arg in one.args.args] == ["helpers"]
]


@pytest.fixture(scope="module", params=LIMITS, ids=lambda limit: limit or "all instructions")
def found(request: pytest.FixtureRequest) -> dict[str, str]:
    """What went wrong in each trial; all run in one process, for torch takes seconds to import."""
    command = [str(needed("TTSOPT_PYTHON_F5_TTS")), "-W", "ignore", str(TRIALS), str(HELPERS)]
    environment = {**os.environ, **({"ONEDNN_MAX_CPU_ISA": request.param} if request.param else {})}
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, timeout=900, env=environment
    )
    results: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return results


@pytest.mark.parametrize("name", NAMES)
def test_a_quicker_cpu(found: dict[str, str], name: str) -> None:
    assert not found[name], found[name]
