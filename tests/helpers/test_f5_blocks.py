"""F5-TTS's blocks in fewer operations, and left out: `f5_block_trials.py` with upstream's own.

Needs a clone and an interpreter as docs/environments.md makes them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from helper_trials import reported
from upstream_views import ENVIRONMENT, lay_out

pytestmark = pytest.mark.upstream

HERE = Path(__file__).parent
# Rounding of a few blocks, of the largest value.
CLOSE = {"float32": 2e-5, "float64": 1e-12}


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The report of the trials."""
    view = tmp_path_factory.mktemp("blocks") / "view"
    lay_out("F5-TTS", "HEAD", view, only=[".py"])
    script = HERE / "f5_block_trials.py"
    return reported("TTSOPT_PYTHON_F5_TTS", script, view, environment=ENVIRONMENT, timeout=None)


def test_blocks_in_fewer_operations_and_left_out_are_as_they_should_be(tried: Any) -> None:
    wrong = {name: told for name, told in tried["wrong"].items() if told}
    assert not wrong, "\n".join(f"{name}: {told}" for name, told in wrong.items())


def test_blocks_in_fewer_operations_differ_by_rounding_alone(tried: Any) -> None:
    rows = tried["parity"]
    assert {row["type"] for row in rows} == {"float32", "float64"}
    assert not [row for row in rows if not row["off"] <= CLOSE[row["type"]] * row["largest"]]
