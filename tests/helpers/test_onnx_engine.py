"""Networks by ONNX Runtime on its CPU provider beside torch: `engine_trials.py` with MockingBird's own.

Needs a clone of MockingBird, and Step-Audio's interpreter, which has onnxruntime and onnx.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from upstream_views import ENVIRONMENT, lay_out, needed

pytestmark = pytest.mark.upstream

HERE = Path(__file__).parent
HELPERS = Path(__file__).parents[2] / "patches" / "_helpers"


def test_engines_give_what_torch_gives_and_fall_back_to_it(tmp_path: Path) -> None:
    view, exported = tmp_path / "view", tmp_path / "exported"
    lay_out("MockingBird", "HEAD", view, only=[".py"])
    python = needed("TTSOPT_PYTHON_STEP_AUDIO")
    done = subprocess.run(
        [python, "-W", "ignore", str(HERE / "engine_trials.py"), str(HELPERS), str(view), exported],
        env={**os.environ, **ENVIRONMENT},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    wrong = {
        name: told
        for name, told in json.loads(done.stdout.splitlines()[-1])["wrong"].items()
        if told
    }
    assert not wrong, "\n".join(f"{name}: {told}" for name, told in wrong.items())
