"""MockingBird's Tacotron with request-batches and with request-lock: threads that speak with one model.

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

# Upstream's own Tacotron, small. Dropout is off where texts are compared: it draws for a whole batch.
BEGIN = """
import os, sys, threading
from concurrent.futures import ThreadPoolExecutor
sys.path.insert(0, ".")
import numpy as np
import torch
from synthesizer_modules import hparams, tacotron
torch.set_num_threads(1)

def built(dropout=0.0):
    torch.manual_seed(0)
    model = tacotron.Tacotron(embed_dims=32, num_chars=100, encoder_dims=256, decoder_dims=32, n_mels=20,
        fft_bins=20, postnet_dims=32, encoder_K=3, lstm_dims=48, postnet_K=3, num_highways=2, dropout=0.5,
        stop_threshold=-3.4, speaker_embedding_size=256).eval()
    model.r = 2
    model.decoder.mel_proj.weight.data.mul_(8)  # what it says matters to what it says next
    model.encoder.pre_net.p = model.decoder.prenet.p = dropout
    return model

def text(letters, rows=1):
    made = torch.arange(rows * letters).reshape(rows, letters) * 7 % 60 + 1
    if rows > 1 and letters > 4:
        made[-1, -3:] = 0  # as upstream fills up the shorter texts of one request
    return made, torch.linspace(-1, 1, rows * 256).reshape(rows, 256)

def spoken(model, letters, rows, steps):
    chars, voice = text(letters, rows)
    voice = voice.to(next(model.parameters()).dtype)
    with torch.no_grad():
        return model.generate(chars, voice, steps=steps, min_stop_token=100)

def at_once(calls):
    begin = threading.Barrier(len(calls))
    def one(call):
        begin.wait()
        try:
            return call()
        except RuntimeError as error:
            return error
    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))

def off(made, alone):
    assert [one.shape for one in made] == [one.shape for one in alone]
    return max(((a - b).abs().max() / b.abs().max()).item() for a, b in zip(made, alone))

REQUESTS = [(5, 1, 60), (23, 1, 80), (12, 1, 40), (40, 1, 90), (3, 1, 20), (17, 3, 50), (23, 2, 70), (1, 1, 30)]
taken = []
"""
MODULES = """
try:
    from models.synthesizer.hparams import hparams
    from models.synthesizer.models import tacotron
except ImportError:
    from synthesizer.hparams import hparams
    from synthesizer.models import tacotron
"""
STORIES = {
    "every text is as if it were spoken alone": """
for dtype, close in ((torch.float64, 1e-12), (torch.float32, 1e-5)):
    torch.set_default_dtype(dtype)
    model = built().to(dtype)
    alone = [spoken(model, *one) for one in REQUESTS]
    count = model.decoder.register_forward_hook(lambda module, given, made: taken.append(len(given[0])))
    del taken[:]
    made = at_once([lambda one=one: spoken(model, *one) for one in REQUESTS])
    count.remove()
    worst = max(map(off, made, alone))
    rows = sum(rows * steps // 2 for _, rows, steps in REQUESTS)
    print(dtype, worst, len(taken), rows, max(taken))
    assert worst < close, worst
    assert sum(taken) == rows and max(taken) > 4 and len(taken) < rows / 3, taken
""",
    "one alone is spoken as shipped, its dropout too": """
model = built(0.5)
spoken(model, 9, 1, 20)
torch.manual_seed(4)
ours = spoken(model, 9, 1, 60)
decoder_step, leave = tacotron.decoder_step, tacotron.leave_batch
tacotron.decoder_step, tacotron.leave_batch = lambda decoder, *step: decoder(*step), lambda decoder: None
torch.manual_seed(4)
shipped = spoken(model, 9, 1, 60)
assert all(map(torch.equal, ours, shipped))
""",
    "turned off, they are spoken in turn, step by step, to the bit": """
os.environ["TTSOPT_REQUEST_BATCHES"] = "0"
model = built()
alone = [spoken(model, *one) for one in REQUESTS]
made = at_once([lambda one=one: spoken(model, *one) for one in REQUESTS])
assert all(all(map(torch.equal, a, b)) for a, b in zip(made, alone))
""",
    "a request that fails harms no other": """
model = built()
alone = [spoken(model, *one) for one in REQUESTS]
made = at_once([lambda: model.generate(text(6)[0], torch.zeros(1, 9), steps=50)]
               + [lambda one=one: spoken(model, *one) for one in REQUESTS])
assert isinstance(made[0], RuntimeError)
assert max(map(off, made[1:], alone)) < 1e-5
""",
    "training goes past it": """
decoder = built().decoder.train()
states = [torch.randn(2, size) for size in (32, 48, 48, 48, 48)]
width = decoder.rnn_input.in_features - 32
step = (torch.randn(2, 7, width), torch.randn(2, 7, 32), torch.randn(2, 20), tuple(states[:3]), tuple(states[3:]),
        torch.randn(2, width), 0, torch.ones(2, 7))
tacotron.decoder_step(decoder, *step)[0].sum().backward()
assert decoder.mel_proj.weight.grad.abs().max() > 0
helper = sys.modules[tacotron.decoder_step.__module__]
assert decoder not in helper._QUEUES
""",
    "a decoder that is not as expected falls back, and says so": """
import importlib
name = tacotron.decoder_step.__module__.replace("mockingbird_batches", "request_batches")
model = built()
alone = [spoken(model, *one) for one in REQUESTS]
broken = model.decoder.attn_net.v.register_forward_pre_hook
def refuse(module, given):
    if given[0].size(0) > 3:
        raise RuntimeError("too many")
broken(refuse)
made = at_once([lambda one=one: spoken(model, *one) for one in REQUESTS])
assert max(map(off, made, alone)) < 1e-5
said = importlib.import_module(name).__ttsopt_fallbacks__
assert len(said) == 1 and "too many" in said[0], said
""",
}
# Two threads that take their steps in turn, as two processors may.
CRASH = """
model, turns = built(), threading.Barrier(2, timeout=2)
def take_turns(module, given):
    try:
        turns.wait()
    except threading.BrokenBarrierError:
        pass
requests = [(5, 1, 40), (23, 1, 40)]
alone = [spoken(model, *one) for one in requests]
from models.synthesizer.inference import Synthesizer
synthesizer = object.__new__(Synthesizer)
synthesizer.__dict__.update(_model=model, device=torch.device("cpu"), verbose=False)
def said(words, steps):
    return synthesizer.synthesize_spectrograms([words], [np.ones(256, "float32")], steps=steps, min_stop_token=100)
alone = [said("ni hao", 40), said("ni hao shi jie, zai jian", 40)]
model.decoder.register_forward_pre_hook(take_turns)
made = at_once([lambda: said("ni hao", 40), lambda: said("ni hao shi jie, zai jian", 40)])
errors = [one for one in made if isinstance(one, RuntimeError)]
equal = not errors and all(np.array_equal(a, b) for x, y in zip(made, alone) for a, b in zip(x, y))
print(errors)
"""


def tried(view: Path, script: str) -> None:
    (view / "synthesizer_modules.py").write_text(MODULES, encoding="utf-8")
    command = [needed("TTSOPT_PYTHON_MOCKINGBIRD"), "-W", "ignore", "-c", BEGIN + script]
    environment = {**os.environ, **ENVIRONMENT}
    done = subprocess.run(
        command, cwd=view, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-2000:]


def laid_out(folder: Path, revision: str, *patches: str) -> Path:
    lay_out("MockingBird", revision, folder, ".", only=(".py", ".md", ".json"))
    if patches:
        assert not apply(PlanRequest(Target(folder), Selection(patches))).refusal
    return folder


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Upstream's newest Tacotron with the patch."""
    folder = tmp_path_factory.mktemp("batches") / "view"
    return laid_out(folder, "HEAD", "mockingbird/request-batches")


@pytest.mark.parametrize("story", STORIES)
def test_requests_are_spoken_together(view: Path, story: str) -> None:
    tried(view, STORIES[story])


def test_the_older_layout_speaks_together_too(tmp_path: Path) -> None:
    folder = laid_out(tmp_path / "view", "6f023e3", "mockingbird/request-batches")
    tried(folder, STORIES["every text is as if it were spoken alone"])


def test_with_the_decoders_other_patches(tmp_path: Path) -> None:
    others = ("mockingbird/fewer-host-syncs", "mockingbird/mel-projection", "mockingbird/no-grad")
    folder = laid_out(tmp_path / "view", "HEAD", "mockingbird/request-batches", *others)
    tried(folder, STORIES["every text is as if it were spoken alone"])


@pytest.mark.parametrize("patch", ["", "mockingbird/request-lock"])
def test_two_requests_at_once_crash_as_shipped_and_are_right_behind_the_lock(
    tmp_path: Path, patch: str
) -> None:
    folder = laid_out(tmp_path / "view", "HEAD", *filter(None, [patch]))
    tried(folder, CRASH + ("assert equal, made" if patch else "assert errors, made"))
