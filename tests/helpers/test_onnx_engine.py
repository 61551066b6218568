"""Networks by ONNX Runtime on its CPU provider beside torch: `engine_trials.py` with MockingBird's own.

Needs a clone of MockingBird, and Step-Audio's interpreter, which has onnxruntime and onnx.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from helper_trials import reported
from upstream_views import ENVIRONMENT, lay_out

pytestmark = pytest.mark.upstream

HERE = Path(__file__).parent


def test_engines_give_what_torch_gives_and_fall_back_to_it(tmp_path: Path) -> None:
    view, exported = tmp_path / "view", tmp_path / "exported"
    lay_out("MockingBird", "HEAD", view, only=[".py"])
    tried = reported(
        "TTSOPT_PYTHON_STEP_AUDIO",
        HERE / "engine_trials.py",
        view,
        exported,
        environment=ENVIRONMENT,
        timeout=None,
    )
    wrong = {name: told for name, told in tried["wrong"].items() if told}
    assert not wrong, "\n".join(f"{name}: {told}" for name, told in wrong.items())
