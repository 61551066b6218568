"""MockingBird's decoder with and without mel-projection: the same frames, over r, batches, modes and weights.

Needs a clone and an interpreter, as tests/in_target/test_mockingbird_workload.py.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from upstream_views import ENVIRONMENT, lay_out, needed

from ttsopt.operations.apply import apply
from ttsopt.operations.locate import Target
from ttsopt.operations.plan.selection import Selection
from ttsopt.operations.planning import PlanRequest

pytestmark = pytest.mark.upstream

PATCH = "mockingbird/mel-projection"
# Upstream's own decoder; the helper is left in, and turned off for what is compared to.
BEGIN = """
import os, sys
sys.path.insert(0, ".")
import torch
from models.synthesizer.models import tacotron, ttsopt_mel_projection as helper
torch.set_num_threads(1)
torch.manual_seed(0)
decoder = tacotron.Decoder(80, 96, 32, 128, 0.5, 0).eval()

def given(batch, letters=7):
    states = [torch.randn(batch, size) for size in (32, 128, 128, 128, 128)]
    return (torch.randn(batch, letters, 96), torch.randn(batch, letters, 32), torch.randn(batch, 80),
            tuple(states[:3]), tuple(states[3:]), torch.randn(batch, 96), 0, torch.ones(batch, letters))

def both(batch, seed=0):
    step, made = given(batch), []
    for switch in ("0", "1"):
        os.environ["TTSOPT_MEL_PROJECTION"] = switch
        decoder.attn_net.init_attention(step[1])
        torch.manual_seed(seed)
        made.append(decoder(*step)[0])
    return made

def off(made):
    return ((made[1] - made[0]).abs().max() / made[0].abs().max()).item()

rows = []
multiply = torch.bmm
torch.bmm = lambda x, y: rows.append(tuple(y.shape)) or multiply(x, y)
"""
STORIES = {
    "over r and batches": """
worst = 0.0
for r in (1, 2, 3, 7, 19, 20):
    decoder.r = torch.tensor(r, dtype=torch.int)
    for batch in (1, 2, 5):
        made = both(batch)
        assert made[1].shape == (batch, 80, r)
        worst = max(worst, off(made))
assert worst < 1e-6, worst
assert set(rows) == {(r, 128, 80) for r in (1, 2, 3, 7, 19)}, rows
""",
    "with another weight, loaded or changed in place": """
decoder.r = torch.tensor(2, dtype=torch.int)
both(1)
state = {name: value * 1.5 for name, value in decoder.state_dict().items() if name != "r"}
decoder.load_state_dict(state, strict=False)
assert off(both(1)) < 1e-6
decoder.mel_proj.weight.data.mul_(2)
assert off(both(1)) < 1e-6 and rows
""",
    "gradients": """
decoder.r, grads = torch.tensor(3, dtype=torch.int), []
for made in both(2):
    decoder.zero_grad()
    made.square().sum().backward()
    grads.append(decoder.mel_proj.weight.grad.clone())
assert off(grads) < 1e-5 and grads[0].abs().max() > 0 and rows
""",
    "layers of another kind, or listened to, are multiplied whole": """
decoder.r, whole = torch.tensor(2, dtype=torch.int), decoder.mel_proj
heard = whole.register_forward_hook(lambda module, given, made: made + 1)
assert off(both(1)) == 0
heard.remove()
decoder.mel_proj = torch.nn.Linear(128, 1600)
assert off(both(1)) == 0
decoder.mel_proj = torch.nn.Sequential(whole, torch.nn.Tanh())
assert off(both(1)) == 0 and not rows
""",
}


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Upstream's newest Tacotron with the patch."""
    folder = tmp_path_factory.mktemp("mel-projection") / "view"
    lay_out("MockingBird", "HEAD", folder, "models", "utils", "README-CN.md")
    assert not apply(PlanRequest(Target(folder), Selection((PATCH,)))).refusal
    return folder


@pytest.mark.parametrize("story", STORIES)
def test_the_frames_that_are_kept_are_the_same(view: Path, story: str) -> None:
    command = [needed("TTSOPT_PYTHON_MOCKINGBIRD"), "-W", "ignore", "-c", BEGIN + STORIES[story]]
    environment = {**os.environ, **ENVIRONMENT}
    done = subprocess.run(
        command, cwd=view, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
