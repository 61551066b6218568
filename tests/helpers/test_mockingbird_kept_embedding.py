"""The helper that keeps speaker embeddings: the same arrays, made once, forgotten when the weights are others.

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
import gc, os, threading
import numpy as np
import torch
from ttsopt_mockingbird_kept_embedding import kept_embedding

def build(seed=0):
    torch.manual_seed(seed)
    return torch.nn.Linear(50, 8)

_model, calls = build(), []

def shipped(wav, using_partials=True, return_partials=False, **options):
    calls.append(1)
    made = _model(torch.from_numpy(wav).float()).detach().numpy() * (1 if using_partials else 2)
    return (made, "partials") if return_partials else made

embed = kept_embedding(lambda: _model)(shipped)
voice = np.random.default_rng(0).random(50)

def fresh(*args, **kwargs):
    made = shipped(*args, **kwargs)
    calls.pop()
    return made
"""
STORIES = {
    "a voice is embedded once": """
first = embed(voice)
assert np.array_equal(first, embed(voice.copy())) and np.array_equal(first, fresh(voice))
assert len(calls) == 1 and first.dtype == np.float32
""",
    "hits and misses are counted": """
from ttsopt_mockingbird_kept_embedding import cache_counts
embed(voice), embed(voice), embed(voice + 1), embed(voice)
assert cache_counts() == {"hits": 2, "misses": 2}
os.environ["TTSOPT_KEPT_EMBEDDING"] = "0"
embed(voice)
assert cache_counts() == {"hits": 2, "misses": 2}
""",
    "a named folder gives it to another process, for these weights alone": """
import tempfile
folder = tempfile.mkdtemp()
first, second = (kept_embedding(lambda: _model, folder)(shipped) for _ in range(2))
assert np.array_equal(first(voice), second(voice)) and len(calls) == 1
assert np.array_equal(second(voice, rate=1.3), fresh(voice, rate=1.3)) and len(calls) == 2
with torch.no_grad():
    _model.weight.mul_(2)
third = kept_embedding(lambda: _model, folder)(shipped)
assert np.array_equal(third(voice), fresh(voice)) and len(calls) == 3
assert np.array_equal(second(voice), fresh(voice)) and len(calls) == 3
assert len(os.listdir(folder)) == 3
""",
    "one sample, the type of samples or an option makes another": """
other = voice.copy()
other[-1] += 1e-9
embed(voice), embed(other), embed(voice.astype(np.float32)), embed(voice, False), embed(voice, rate=1.3)
assert len(calls) == 5
assert np.array_equal(embed(voice, False), fresh(voice, False)) and len(calls) == 5
embed(voice, True), embed(voice, using_partials=True), embed(voice, 1)
assert len(calls) == 8
""",
    "what a caller does with it changes nothing": """
for _ in range(2):
    embed(voice)[:] = 0
mine = voice.copy()
embed(mine)
mine[:] = 0
assert np.array_equal(embed(voice), fresh(voice))
""",
    "weights that are loaded, trained or moved make it anew": """
embed(voice)
_model.load_state_dict(build(1).state_dict())
assert np.array_equal(embed(voice), fresh(voice)) and len(calls) == 2
with torch.no_grad():
    _model.weight.mul_(2)
assert np.array_equal(embed(voice), fresh(voice)) and len(calls) == 3
_model.weight.data = _model.weight.data * 3
assert np.array_equal(embed(voice), fresh(voice)) and len(calls) == 4
_model.double().float()
embed(voice)
assert len(calls) == 5
""",
    "another model makes it anew, wherever it lies in memory": """
for seed in range(30):
    _model = None
    gc.collect()
    _model = build(seed)
    assert np.array_equal(embed(voice), fresh(voice))
assert len(calls) == 30
""",
    "no model fails as it did": """
_model = None
for _ in range(2):
    try:
        embed(voice)
    except TypeError:
        continue
    raise AssertionError("no error")
assert len(calls) == 2
""",
    "partials, paths and what is no array are made every time": """
for _ in range(2):
    assert embed(voice, return_partials=True)[1] == "partials"
    embed(wav=voice)
    embed(voice, rate=[1])
assert len(calls) == 6
""",
    "the 64 voices heard last are kept": """
voices = [voice + n for n in range(65)]
for one in voices: embed(one)
embed(voices[64]), embed(voices[1])
assert len(calls) == 65
embed(voices[0])
assert len(calls) == 66
""",
    "recording gradients or other threads may round otherwise": """
embed(voice)
with torch.no_grad():
    embed(voice)
torch.set_num_threads(2)
embed(voice)
assert len(calls) == 3
""",
    "the switch turns it off at any time": """
embed(voice)
for value in ("0", "off", " No ", "false"):
    os.environ["TTSOPT_KEPT_EMBEDDING"] = value
    embed(voice)
assert len(calls) == 5
""",
    "many threads get right answers": """
wanted = [fresh(voice + n) for n in range(5)]
wrong = []
def speak(offset):
    for turn in range(100):
        n = (turn + offset) % 5
        if not np.array_equal(embed(voice + n), wanted[n]):
            wrong.append(n)
threads = [threading.Thread(target=speak, args=(n,)) for n in range(4)]
for one in threads: one.start()
for one in threads: one.join()
assert not wrong and len(calls) < 40
""",
}


@pytest.mark.parametrize("story", STORIES)
def test_kept_embeddings(story: str) -> None:
    command = [needed("TTSOPT_PYTHON_MOCKINGBIRD"), "-c", MODEL + STORIES[story]]
    environment = {**ENVIRONMENT, "PYTHONPATH": str(HELPERS), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
