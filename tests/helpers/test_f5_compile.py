"""The helper that compiles F5-TTS's blocks: the same numbers, one compilation, and no compiler is no failure.

Needs torch and a C++ compiler: run by TTSOPT_PYTHON_F5_TTS, an interpreter as docs/environments.md makes it.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from upstream_views import ENVIRONMENT, needed

pytestmark = pytest.mark.upstream

HELPERS = Path(__file__).parents[2] / "patches" / "_helpers"
MODEL = """
import copy, os, pickle, threading
import torch
from torch import nn
import ttsopt_f5_compile as helper

class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(8, 8)

    def forward(self, x, t, mask=None, rope=None):
        return x + torch.tanh(self.layer(x)) * t.unsqueeze(1)

class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.transformer_blocks = nn.ModuleList(Block() for _ in range(12))

    def forward(self, x, t):
        for block in self.transformer_blocks:
            x = block(x, t, mask=None, rope=None)
        return x

class CFM(nn.Module):
    def __init__(self):
        super().__init__()
        self.transformer = Transformer()

torch.manual_seed(0)
model = CFM().eval()
plain = copy.deepcopy(model)
blocks = model.transformer.transformer_blocks

@helper.counted_utterance
def utterance():
    pass

def speak(one, length):
    torch.manual_seed(length)
    with torch.inference_mode():
        return one.transformer(torch.randn(2, length, 8), torch.randn(2, 8))

def same(length, one=model, to=1e-5):
    return (speak(one, length) - speak(plain, length)).abs().max() < to

def is_compiled(one=model):
    return all(b._compiled_call_impl is not None for b in one.transformer.transformer_blocks)

def compilations():
    import torch._dynamo.utils
    return torch._dynamo.utils.counters["stats"]["unique_graphs"]
"""
ASKED = 'os.environ["TTSOPT_COMPILE"] = "force"\n'
FORCED = ASKED + "utterance(), utterance()\n"
STORIES = {
    "on a CPU nothing is compiled": """
helper.compile_parts(model, "default")
assert not is_compiled()
assert torch.equal(speak(model, 20), speak(plain, 20))
""",
    "all blocks and lengths are one compilation": FORCED
    + """
helper.compile_parts(model, "default")
assert is_compiled() and all(map(same, (20, 21, 300, 7)))
assert compilations() == 1 and is_compiled(), compilations()
""",
    "a process that speaks once compiles nothing": ASKED
    + """
torch.compile = None
helper.compile_parts(model, "default")
utterance()
assert all(torch.equal(speak(model, length), speak(plain, length)) for length in (20, 21, 300))
""",
    "the second utterance compiles": ASKED
    + """
helper.compile_parts(model, "default")
utterance()
assert torch.equal(speak(model, 20), speak(plain, 20)) and compilations() == 0
utterance()
assert same(20) and compilations() == 1 and is_compiled()
utterance()
assert same(33) and compilations() == 1
""",
    "a generator counts as it is called": ASKED
    + """
@helper.counted_utterance
def stream():
    yield speak(model, 20)

helper.compile_parts(model, "default")
next(stream())
assert compilations() == 0
next(stream())
assert compilations() == 1
""",
    "any error of the first compiled call is an eager call, said once": FORCED
    + """
def failing(call, **options):
    def run(*args, **kwargs):
        raise ValueError("nobody knows")
    return run

torch.compile = failing
helper.compile_parts(model, "default")
assert torch.equal(speak(model, 20), speak(plain, 20)) and not is_compiled()
assert torch.equal(speak(model, 33), speak(plain, 33))
""",
    "a later error that is not the compiler's comes out": FORCED
    + """
calls = []
def failing_later(call, **options):
    def run(*args, **kwargs):
        calls.append(1)
        if len(calls) > 12:
            raise ValueError("of the model")
        return call(*args, **kwargs)
    return run

torch.compile = failing_later
helper.compile_parts(model, "default")
assert torch.equal(speak(model, 20), speak(plain, 20))
try:
    speak(model, 20)
except ValueError:
    assert is_compiled()
else:
    raise AssertionError("no error")
""",
    "its state is as it was, and copies are not compiled": FORCED
    + """
helper.compile_parts(model, "default")
speak(model, 20)
assert list(model.state_dict()) == list(plain.state_dict())
for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
    assert not is_compiled(twin) and torch.equal(speak(twin, 20), speak(plain, 20))
with torch.no_grad():
    for one in (model, plain):
        one.transformer.transformer_blocks[3].layer.weight.mul_(2)
assert same(20)
""",
    "without a compiler it goes on eagerly, said once": FORCED
    + """
import torch._inductor.config
torch._inductor.config.cpp.cxx = ("/nowhere/c++",)
torch._inductor.config.force_disable_caches = True
helper.compile_parts(model, "default")
assert torch.equal(speak(model, 20), speak(plain, 20)) and not is_compiled()
assert torch.equal(speak(model, 33), speak(plain, 33))
assert len(helper.__ttsopt_fallbacks__) == 1
""",
    "an error of the model itself is not swallowed": FORCED
    + """
helper.compile_parts(model, "default")
try:
    model.transformer(torch.randn(2, 20, 9), torch.randn(2, 8))
except Exception as error:
    print(type(error))
else:
    raise AssertionError("no error")
""",
    "the switch leaves it as shipped": """
os.environ["TTSOPT_COMPILE"] = "0"
helper.compile_parts(model, "default")
assert not is_compiled() and torch.equal(speak(model, 20), speak(plain, 20))
""",
    "an older torch is left alone, said once": FORCED
    + """
torch.__version__ = "2.4.1+cu121"
helper.compile_parts(model, "default")
helper.compile_parts(model, "default")
assert not is_compiled()
""",
    "a model without blocks is left alone": FORCED
    + """
class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.transformer = nn.Module()
        self.transformer.layers = nn.ModuleList([nn.Linear(2, 2)])

unet = UNet()
helper.compile_parts(unet, "default")
assert unet.transformer.layers[0]._compiled_call_impl is None
""",
    "the backbone of Vocos is compiled": FORCED
    + """
class Vocos(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone, self.head = nn.Linear(4, 4), nn.Linear(4, 4)

    def decode(self, mel):
        return self.head(self.backbone(mel))

vocos = Vocos()
before, mel = vocos.decode(torch.ones(1, 9, 4)), torch.ones(1, 9, 4)
helper.compile_parts(vocos, "default")
assert vocos.backbone._compiled_call_impl is not None and vocos.head._compiled_call_impl is None
assert torch.allclose(vocos.decode(mel), before, atol=1e-6)
""",
    "threads take turns": FORCED
    + """
helper.compile_parts(model, "default")
wrong = []

def speak_apart(length):
    gen = torch.Generator().manual_seed(length)
    x, t = torch.randn(2, length, 8, generator=gen), torch.randn(2, 8, generator=gen)
    with torch.inference_mode():
        if (model.transformer(x, t) - plain.transformer(x, t)).abs().max() > 1e-5:
            wrong.append(length)

threads = [threading.Thread(target=speak_apart, args=(20 + n,)) for n in range(6)]
for one in threads: one.start()
for one in threads: one.join()
assert not wrong and not helper.__ttsopt_fallbacks__ and is_compiled()
""",
}


@pytest.mark.parametrize("story", STORIES)
def test_compiled_blocks(story: str, tmp_path: Path) -> None:
    command = [needed("TTSOPT_PYTHON_F5_TTS"), "-c", MODEL + STORIES[story]]
    environment = {**ENVIRONMENT, "PYTHONPATH": str(HELPERS), "PYTHONDONTWRITEBYTECODE": "1"}
    environment |= {"TORCHINDUCTOR_CACHE_DIR": str(tmp_path), "PATH": os.environ["PATH"]}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("ttsopt")]
    assert len(lines) == ("said once" in story)
