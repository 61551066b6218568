"""The helper beside CosyVoice's TensorRT engine: no context is lost, and PyTorch speaks where the engine cannot.

Engine, pool and network are the test's own, made as upstream's: the network is taken away before the plan file is
read, and a context is given back behind an assert. No torch is needed.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HELPERS = Path(__file__).parents[2] / "patches" / "_helpers"
UPSTREAM = """
import contextlib, queue, threading
from types import SimpleNamespace
import ttsopt_cosyvoice_tensorrt as helper
from ttsopt_cosyvoice_tensorrt import load_engine

class Mel:
    '''(2, 80, frames), of which one number tells what was computed.'''

    def __init__(self, frames, value=1): self.frames, self.value = frames, value
    def size(self, axis): return (2, 80, self.frames)[axis]
    def clone(self): return Mel(self.frames, self.value)

class Network:
    def __call__(self, x, mask, mu, t, spks, cond, streaming=False):
        return Mel(x.frames, ("torch", x.value, streaming))

class Context:
    longest, runs = 3000, True

    def set_input_shape(self, frames):
        if frames > self.longest:
            raise AssertionError("shape")

    def execute(self, x):
        x.value = "written over"
        return self.runs

class Pool:
    def __init__(self):
        self.free = queue.Queue()
        self.free.put((Context(), contextlib.nullcontext()))
        self.trt_engine = object()

    def acquire_estimator(self): return self.free.get(timeout=5), self.trt_engine
    def release_estimator(self, context, stream): self.free.put((context, stream))

class Decoder:
    def __init__(self): self.estimator = Network()

    def forward_estimator(self, x, mask, mu, t, spks, cond, streaming=False):
        if isinstance(self.estimator, Network):
            return self.estimator(x, mask, mu, t, spks, cond, streaming=streaming)
        (context, stream), engine = self.estimator.acquire_estimator()
        with stream:
            context.set_input_shape(x.size(2))
            assert context.execute(x) is True
        self.estimator.release_estimator(context, stream)
        x.value = "engine"
        return x

class Model:
    plan_is_right = True

    def __init__(self): self.flow = SimpleNamespace(decoder=Decoder())

    def load_trt(self, plan, onnx, contexts, fp16):
        del self.flow.decoder.estimator
        assert self.plan_is_right, "failed to load trt " + plan
        self.flow.decoder.estimator = Pool()

def loaded(model=None):
    model = model or Model()
    load_engine(model, "flow.plan", "flow.onnx", 1, False)
    return model.flow.decoder

def speak(decoder, frames, *streaming, **named):
    x = Mel(frames)
    return decoder.forward_estimator(x, 0, 0, 0, 0, 0, *streaming, **named).value
"""
STORIES = {
    "the engine runs what it takes": """
decoder = loaded()
assert [speak(decoder, frames) for frames in (4, 500, 3000, 500)] == ["engine"] * 4
assert not helper.__ttsopt_fallbacks__
""",
    "what is too long or too short is PyTorch's, and the next request runs": """
decoder = loaded()
assert speak(decoder, 3001) == ("torch", 1, False) == speak(decoder, 3)
assert speak(decoder, 500) == "engine"
assert not helper.__ttsopt_fallbacks__
""",
    "the limits are the engine's own where it tells them": """
def shapes(name, profile): return [(2, 80, 8), (2, 80, 500), (2, 80, 900)]
init = Pool.__init__
def with_shapes(self):
    init(self)
    self.trt_engine = SimpleNamespace(get_tensor_profile_shape=shapes)
Pool.__init__ = with_shapes
decoder = loaded()
assert speak(decoder, 901)[0] == "torch" == speak(decoder, 7)[0]
assert speak(decoder, 900) == "engine"
""",
    "a call that fails gives its context back, said once": """
Context.longest = 1000
decoder = loaded()
for _ in range(3):
    assert speak(decoder, 2000) == ("torch", 1, False)
assert speak(decoder, 500) == "engine"
assert decoder.estimator.free.qsize() == 1
""",
    "an engine that wrote before it failed is computed again from the input, said once": """
Context.runs = None
decoder = loaded()
assert speak(decoder, 500) == ("torch", 1, False)
assert decoder.estimator.free.qsize() == 1
""",
    "streaming is PyTorch's, by position and by name": """
decoder = loaded()
assert speak(decoder, 500, True) == ("torch", 1, True) == speak(decoder, 500, streaming=True)
assert speak(decoder, 500, False) == "engine" == speak(decoder, 500, streaming=False)
""",
    "a plan of another TensorRT leaves the network, said once": """
Model.plan_is_right = False
model = Model()
network = model.flow.decoder.estimator
decoder = loaded(model)
assert decoder.estimator is network
assert speak(decoder, 500, True) == ("torch", 1, True)
assert "flow.plan" in helper.__ttsopt_fallbacks__[0]
""",
    "threads take turns, whatever fails": """
Context.longest = 1000
decoder, spoken = loaded(), []
def work(number):
    for turn in range(20):
        spoken.append(speak(decoder, 2000 if (turn + number) % 3 == 0 else 500))
threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
for one in threads: one.start()
for one in threads: one.join()
assert len(spoken) == 80 and decoder.estimator.free.qsize() == 1
assert set(spoken) == {"engine", ("torch", 1, False)}
""",
}


@pytest.mark.parametrize("story", STORIES)
def test_engine(story: str) -> None:
    program = f"import sys; sys.path.insert(0, {str(HELPERS)!r})\n{UPSTREAM}\n{STORIES[story]}"
    command = [sys.executable, "-B", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("ttsopt")]
    assert len(lines) == ("said once" in story or "whatever fails" in story)
