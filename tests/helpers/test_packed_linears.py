"""The helper that packs linear layers, tried in an interpreter that has torch (packed_linears_trials.py).

TTSOPT_PYTHON_INDEX_TTS is an interpreter as docs/environments.md makes it.
"""

from __future__ import annotations

import ast
import json
import subprocess
from pathlib import Path

import pytest
from upstream_views import needed

pytestmark = pytest.mark.upstream

HELPER = Path(__file__).parents[2] / "patches" / "_helpers" / "ttsopt_packed_linears.py"
TRIALS = Path(__file__).with_name("packed_linears_trials.py")
NAMES = [
    one.name
    for one in ast.parse(TRIALS.read_text(encoding="utf-8")).body
    if isinstance(one, ast.FunctionDef) and [arg.arg for arg in one.args.args] == ["helper"]
]


@pytest.fixture(scope="module")
def found() -> dict[str, str]:
    """What went wrong in each trial; all run in one process, for torch takes seconds to import."""
    python = str(needed("TTSOPT_PYTHON_INDEX_TTS"))
    done = subprocess.run(
        [python, str(TRIALS), str(HELPER)], capture_output=True, text=True, check=True, timeout=600
    )
    results: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return results


@pytest.mark.parametrize("name", NAMES)
def test_packed_linears(found: dict[str, str], name: str) -> None:
    assert not found[name], found[name]
