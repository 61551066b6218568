"""The helper that runs MockingBird's models in float16 on a GPU; here on a CPU, which is told to pass for one.

Needs torch: run by TTSOPT_PYTHON_MOCKINGBIRD, an interpreter as docs/environments.md makes it.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from upstream_views import ENVIRONMENT, needed

pytestmark = pytest.mark.upstream

HELPERS = Path(__file__).parents[2] / "patches" / "_helpers"
MODEL = """
import os
import numpy as np
import torch
import ttsopt_mockingbird_autocast as helper

torch.manual_seed(0)
layer, mel = torch.nn.Conv1d(80, 4, 7), torch.randn(1, 80, 50)
seen = []

def speak(loud=1.0):
    with torch.no_grad():
        wave = layer(mel * loud).squeeze()
    seen.append(wave.dtype)
    return wave.cpu().numpy(), 16000

def pass_for_a_gpu(capability=(7, 5)):
    torch.cuda.is_available, torch.cuda.get_device_capability = (lambda: True), (lambda: capability)
    helper._autocast = lambda: torch.autocast("cpu", dtype=torch.float16)

half, shipped = helper.half_on_cuda(speak), speak()[0]
seen.clear()
"""
STORIES = {
    "without a GPU nothing changes": """
assert np.array_equal(half()[0], shipped) and seen == [torch.float32]
""",
    "an old GPU runs as shipped": """
pass_for_a_gpu((6, 1))
assert np.array_equal(half()[0], shipped) and seen == [torch.float32]
""",
    "a GPU computes in float16 and gives float32 out": """
pass_for_a_gpu()
wave, rate = half()
assert seen == [torch.float16] and wave.dtype == np.float32 and rate == 16000
assert 0 < abs(wave - shipped).max() < 2e-3 * abs(shipped).max()
""",
    "arrays in a list come back as float32, other things as they are": """
pass_for_a_gpu()
made = helper.half_on_cuda(lambda: ([speak()[0], speak()[0]], torch.ones(2), "text"))()
assert [one.dtype for one in made[0]] == [np.float32] * 2 and made[2] == "text"
assert type(made) is tuple and isinstance(made[1], torch.Tensor)
""",
    "an overflow is spoken again in float32, then always, said once": """
pass_for_a_gpu()
loud = half(1e7)[0]
assert np.isfinite(loud).all() and seen == [torch.float16, torch.float32]
assert np.array_equal(half()[0], shipped) and seen[-1] == torch.float32
assert len(helper.__ttsopt_fallbacks__) == 1 and "speak" in helper.__ttsopt_fallbacks__[0]
""",
    "the switch turns it off at any time": """
pass_for_a_gpu()
for value in ("0", "off", " No ", "false"):
    os.environ["TTSOPT_AUTOCAST"] = value
    assert np.array_equal(half()[0], shipped)
os.environ["TTSOPT_AUTOCAST"] = "1"
assert half()[0].dtype == np.float32 and seen == [torch.float32] * 4 + [torch.float16]
""",
    "the function keeps its name": """
assert half.__name__ == "speak"
""",
}


@pytest.mark.parametrize("story", STORIES)
def test_half_precision(story: str) -> None:
    command = [needed("TTSOPT_PYTHON_MOCKINGBIRD"), "-c", MODEL + STORIES[story]]
    environment = {**ENVIRONMENT, "PYTHONPATH": str(HELPERS), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("ttsopt")]
    assert len(lines) == ("said once" in story)
