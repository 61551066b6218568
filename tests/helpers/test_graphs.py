"""CUDA graphs without a GPU: a fake device replays over memory that has to stay; F5-TTS's blocks by its own code.

Needs torch: run by TTSOPT_PYTHON_F5_TTS, an interpreter as docs/environments.md makes it.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from upstream_views import ENVIRONMENT, lay_out, needed

pytestmark = pytest.mark.upstream

HELPERS = Path(__file__).parents[2] / "patches" / "_helpers"
BEGIN = """
import copy, json, os, pickle, sys, threading, types
from concurrent.futures import ThreadPoolExecutor
helpers, tests, checkout, stories = sys.argv[1:]
sys.path[:0] = [helpers, tests, checkout]
import torch
import ttsopt_graphs
from fake_graphs import FakeDevice
from ttsopt_f5_graphs import graph_blocks
from ttsopt_graphs import Graphs

weight = torch.nn.Parameter(torch.randn(8, 8))
ran = []

def function(x, y):
    ran.append(x.shape)
    return torch.tanh(x @ weight) + y

def graphs(device, run=function, **more):
    return Graphs(run, device, lambda: [weight], "a test", **more)

def given(length):
    return torch.randn(length, 8), torch.randn(8)

def dit(**more):
    # F5-TTS's modules alone: its package imports what speaking needs.
    package = types.ModuleType("f5_tts"); package.__path__ = [checkout + "/src/f5_tts"]
    model = types.ModuleType("f5_tts.model"); model.__path__ = [checkout + "/src/f5_tts/model"]
    sys.modules.setdefault("f5_tts", package); sys.modules.setdefault("f5_tts.model", model)
    sys.modules.setdefault("torchaudio", types.ModuleType("torchaudio"))  # a build for CPUs has no extension
    from f5_tts.model.backbones.dit import DiT
    torch.manual_seed(0)
    sizes = dict(dim=64, depth=3, heads=2, dim_head=32, ff_mult=2, mel_dim=20, text_num_embeds=30)
    made = DiT(text_dim=16, conv_layers=1, **sizes, **more)
    for one in made.parameters():
        if not bool(one.any()):
            torch.nn.init.normal_(one, std=0.05)
    return types.SimpleNamespace(transformer=made.eval())

def evaluate(model, length, step, batch=1, mask=None):
    torch.manual_seed(100 * length + step)
    x, cond = torch.randn(batch, length, 20), torch.randn(batch, length, 20)
    text, time = torch.randint(0, 30, (batch, 7)), torch.tensor(0.03 * step)
    return model.transformer(x=x, cond=cond, text=text, time=time, mask=mask, cfg_infer=True, cache=False)
"""
STORIES = {
    "each call gives what the function gives": """
device = FakeDevice(); quick = graphs(device)
with torch.no_grad():
    for length in (1, 5, 5, 5, 1, 1, 9):
        one = given(length)
        assert torch.equal(quick(*one), function(*one))
assert (device.captures, device.replays) == (2, 4), (device.captures, device.replays)
""",
    "a result outlives the next replay": """
device = FakeDevice(); quick = graphs(device)
with torch.no_grad():
    pairs = [(quick(*one), function(*one)) for one in (given(4) for _ in range(5))]
assert all(torch.equal(made, wanted) for made, wanted in pairs)
""",
    "memory that is not handed in is seen to change": """
device = FakeDevice(); box = [torch.zeros(8)]
quick = graphs(device, lambda x, y: x + y + box[0])
with torch.no_grad():
    for _ in range(3):
        quick(*given(4))
    box[0] = torch.ones(8)
    try:
        quick(*given(4))
    except AssertionError as error:
        assert "other memory" in str(error)
    else:
        raise SystemExit("it was not seen")
""",
    "a capture that fails is tried once a shape and said once": """
device = FakeDevice(); device.fails = "operation not permitted when stream is capturing"; quick = graphs(device)
with torch.no_grad():
    for length in (4, 4, 4, 6, 6, 6):
        one = given(length)
        assert torch.equal(quick(*one), function(*one))
device.fails = ""
with torch.no_grad():
    quick(*given(4)), quick(*given(6))
assert device.captures == 0 and len(ttsopt_graphs.__ttsopt_fallbacks__) == 1
""",
    "no more than so many are kept, the last used": """
device = FakeDevice(); quick = graphs(device, most=2)
with torch.no_grad():
    for length in (1, 1, 2, 2, 1, 3, 3):
        quick(*given(length))
    assert [one[0][0][0] for one in quick.graphs] == [1, 3]
""",
    "without memory nothing is captured, and later it is": """
device = FakeDevice(); device.free = 1000; quick = graphs(device)
with torch.no_grad():
    quick(*given(4)), quick(*given(4))
    assert device.captures == 0
    device.free = 1 << 40
    quick(*given(4))
assert device.captures == 1
""",
    "a parameter that was replaced ends its graphs": """
device = FakeDevice(); quick = graphs(device)
with torch.no_grad():
    for _ in range(3):
        quick(*given(4))
    weight.data = torch.randn(8, 8)
    for _ in range(3):
        one = given(4)
        assert torch.equal(quick(*one), function(*one))
assert device.captures == 2
""",
    "inside of inference mode and outside": """
device = FakeDevice(); quick = graphs(device)
with torch.inference_mode():
    quick(*given(4)), quick(*given(4))
one = given(4)
with torch.no_grad():
    made = quick(*one)
with torch.inference_mode():
    assert torch.equal(quick(*one), made)
assert device.replays == 3
""",
    "gradients, autocast and the switch run as shipped": """
device = FakeDevice(); quick = graphs(device); one = given(4)
for _ in range(3):
    assert quick(*one).requires_grad
with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
    pass
os.environ["TTSOPT_CUDA_GRAPHS"] = "0"
with torch.no_grad():
    for _ in range(3):
        quick(*one)
assert device.captures == 0
""",
    "eight threads at once": """
device = FakeDevice(); quick = graphs(device)
def work(seed):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for length in (3, 4, 3, 5) * 5:
            one = torch.randn(length, 8, generator=generator), torch.randn(8, generator=generator)
            assert torch.equal(quick(*one), function(*one))
with ThreadPoolExecutor(8) as pool:
    list(pool.map(work, range(8)))
assert device.captures == 3
""",
    "F5-TTS's network gives the same bits at every length": """
device = FakeDevice(); plain, quick = dit(), graph_blocks(dit(), device)
with torch.no_grad():
    for length in (2, 3, 17, 64, 17, 130):
        for step in range(4):
            assert torch.equal(evaluate(quick, length, step), evaluate(plain, length, step)), (length, step)
    for batch in (2, 3):
        mask = torch.arange(20)[None] < torch.tensor([20, 12, 5])[:batch, None]
        for step in range(3):
            wanted = evaluate(plain, 20, step, batch, mask)
            assert torch.equal(evaluate(quick, 20, step, batch, mask), wanted)
assert device.captures == 5 and device.replays == 19, (device.captures, device.replays)
""",
    "F5-TTS's network in float64 and with a long skip": """
device, more = FakeDevice(), {"long_skip_connection": True}
plain, quick = dit(**more), graph_blocks(dit(**more), device)
for model in (plain, quick):
    model.transformer.double()
torch.set_default_dtype(torch.float64)
with torch.inference_mode():
    for step in range(4):
        assert torch.equal(evaluate(quick, 33, step), evaluate(plain, 33, step))
assert device.replays == 3
""",
    "a new voice between two evaluations of a length": """
device = FakeDevice(); plain, quick = dit(), graph_blocks(dit(), device)
with torch.no_grad():
    for step in (1, 2, 3, 50, 51):
        assert torch.equal(evaluate(quick, 40, step), evaluate(plain, 40, step))
""",
    "new weights": """
device = FakeDevice(); plain, quick = dit(), graph_blocks(dit(), device)
with torch.no_grad():
    evaluate(quick, 20, 0), evaluate(quick, 20, 1)
    for one in plain.transformer.parameters():
        one.mul_(1.1)
    quick.transformer.load_state_dict(plain.transformer.state_dict())
    assert torch.equal(evaluate(quick, 20, 2), evaluate(plain, 20, 2))
    for model in (plain, quick):
        model.transformer.double().float()
    assert torch.equal(evaluate(quick, 20, 3), evaluate(plain, 20, 3))
""",
    "training and the list itself are as before": """
plain, quick = dit(), graph_blocks(dit(), FakeDevice())
assert len(list(quick.transformer.transformer_blocks)) == 3
assert quick.transformer.state_dict().keys() == plain.transformer.state_dict().keys()
assert evaluate(quick, 20, 0).requires_grad
for twin in (copy.deepcopy(quick.transformer), pickle.loads(pickle.dumps(quick.transformer))):
    assert type(twin.transformer_blocks) is torch.nn.ModuleList
blocks = quick.transformer.transformer_blocks
graph_blocks(quick)
assert type(blocks).__mro__[1] is torch.nn.ModuleList  # not twice
""",
    "other models stay as they are": """
class Other:
    transformer = torch.nn.Sequential(torch.nn.Linear(2, 2))
assert type(graph_blocks(Other()).transformer) is torch.nn.Sequential
assert graph_blocks(None) is None
""",
    "the blocks are one graph: nothing in them depends on numbers": """
plain = dit()
class Region(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = plain.transformer.transformer_blocks
    def forward(self, x, t, freqs):
        for block in self.blocks:
            x = block(x, t, mask=None, rope=(freqs, 1.0))
        return x
freqs, _ = plain.transformer.rotary_embed.forward_from_seq_len(40)
with torch.no_grad():
    made = torch.export.export(Region(), (torch.randn(2, 40, 64), torch.randn(2, 64), freqs))
reads = {str(node.target) for node in made.graph.nodes if node.op == "call_function"}
assert not {one for one in reads if "aten.item" in one or "scalar" in one or "nonzero" in one}, reads
""",
}
RUN = """
import traceback
wrong = {}
for name, story in json.loads(stories).items():
    os.environ.pop("TTSOPT_CUDA_GRAPHS", None)
    ttsopt_graphs.__ttsopt_fallbacks__.clear()
    torch.set_default_dtype(torch.float32); torch.manual_seed(1)
    try:
        exec(story, dict(globals()))
        wrong[name] = ""
    except BaseException:
        wrong[name] = traceback.format_exc()
print(json.dumps(wrong))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What went wrong in each story."""
    view = tmp_path_factory.mktemp("graphs") / "view"
    lay_out("F5-TTS", "HEAD", view, only=[".py"])
    command = [needed("TTSOPT_PYTHON_F5_TTS"), "-W", "ignore", "-c", BEGIN + RUN]
    command += [str(HELPERS), str(Path(__file__).parent), str(view), json.dumps(STORIES)]
    done = subprocess.run(
        command, env={**os.environ, **ENVIRONMENT}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    results: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return results


@pytest.mark.parametrize("story", STORIES)
def test_a_graph_gives_what_its_function_gives(found: dict[str, str], story: str) -> None:
    assert not found[story], found[story]
