"""CosyVoice's flow by ONNX Runtime on its CPU provider beside upstream's own: `onnx_flow_trials.py`.

Needs TTSOPT_UPSTREAMS and TTSOPT_PYTHON_COSYVOICE (docs/environments.md).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from helper_trials import reported
from upstream_views import ENVIRONMENT, lay_out

pytestmark = pytest.mark.upstream

TRIALS = Path(__file__).with_name("onnx_flow_trials.py")
ROUNDING = 5e-6  # of the largest value, after ten steps


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Any:
    view, exported = (tmp_path_factory.mktemp(name) for name in ("CosyVoice", "exported"))
    lay_out("CosyVoice", "HEAD", view, "cosyvoice")
    python = "TTSOPT_PYTHON_COSYVOICE"
    return reported(python, TRIALS, view, exported, environment=ENVIRONMENT, timeout=None)


def test_a_session_speaks_where_it_can_and_the_network_everywhere_else(tried: Any) -> None:
    wrong = {name: told for name, told in tried["wrong"].items() if told}
    assert not wrong, "\n".join(f"{name}: {told}" for name, told in wrong.items())


def test_ten_steps_by_a_session_differ_by_rounding_alone(tried: Any) -> None:
    rows = tried["parity"]
    assert [row["what"][:11] for row in rows] == ["CosyVoice 1", "CosyVoice 2", "CosyVoice 3"]
    assert all(row["off"] <= ROUNDING * row["largest"] for row in rows), rows
