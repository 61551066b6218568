"""The helper that keeps what GPT-SoVITS made of a voice: the same values, made once, forgotten with other weights.

Needs torch: run by TTSOPT_PYTHON_GPT_SOVITS, an interpreter as docs/environments.md makes it.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from upstream_views import ENVIRONMENT, needed

pytestmark = pytest.mark.upstream

HELPERS = Path(__file__).parents[2] / "patches" / "_helpers"
MODEL = """
import copy, os, pickle, sys, threading
import torch
from ttsopt_gpt_sovits_kept import kept_embedding, kept_encoding

class Flow(torch.nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.layer = torch.nn.Linear(4, 4)
        self.calls = 0

    @kept_encoding
    @torch.no_grad()
    def decode_encp(self, codes, text, refer, ge=None, speed=1):
        self.calls += 1
        made = self.layer(refer) + codes.sum() + text.sum()
        return made, made.mean(-1, keepdim=True) if ge is None else ge

class Speaker:
    def __init__(self):
        self.embedding_model, self.calls = torch.nn.Linear(4, 2), 0

    @kept_embedding
    def compute_embedding3(self, wav):
        self.calls += 1
        with torch.no_grad():
            return self.embedding_model(wav)

flow = Flow().eval()
voice = torch.arange(3), torch.arange(5), torch.randn(1, 4)
def again(): return tuple(one.clone() for one in voice)
def same(one, other): return all(map(torch.equal, one, other))
"""
STORIES = {
    "a voice is encoded once, and comes out the same": """
first = flow.decode_encp(*voice)
assert same(first, flow.decode_encp(*again())) and flow.calls == 1
other = voice[0] + 1, voice[1], voice[2]
assert not same(first, flow.decode_encp(*other)) and flow.calls == 2
assert same(first, flow.decode_encp(*voice)) and flow.calls == 2
""",
    "what a caller does to its results or inputs changes nothing": """
mine = again()
first = flow.decode_encp(*mine)
known = [one.clone() for one in first]
for one in (*first, *flow.decode_encp(*voice)):
    one.zero_()
mine[2].zero_()
assert same(known, flow.decode_encp(*voice)) and flow.calls == 1
flow.decode_encp(*mine)
assert flow.calls == 2
""",
    "a fragment of the text goes through": """
_, ge = flow.decode_encp(*voice)
for _ in range(2):
    flow.decode_encp(*voice, ge)
    flow.decode_encp(*voice, ge, 1.1)
    flow.decode_encp(*voice, speed=1.1)
assert flow.calls == 7
""",
    "weights that are written to, replaced or converted forget": """
first = flow.decode_encp(*voice)
with torch.no_grad():
    flow.layer.bias.add_(1)
assert not same(first, flow.decode_encp(*voice)) and flow.calls == 2
flow.load_state_dict(Flow().state_dict())
assert same(first, flow.decode_encp(*voice)) and flow.calls == 3
flow.layer = torch.nn.Linear(4, 4)
flow.decode_encp(*voice)
assert flow.calls == 4
flow.double()
assert flow.decode_encp(voice[0], voice[1], voice[2].double())[0].dtype == torch.float64
assert flow.calls == 5
""",
    "training goes through": """
flow.train()
flow.decode_encp(*voice), flow.decode_encp(*voice)
assert flow.calls == 2
""",
    "the oldest of too many voices goes": """
for number in [*range(9), 8, 0]:
    flow.decode_encp(voice[0] + number, *voice[1:])
assert flow.calls == 10
""",
    "copies begin with nothing": """
flow.decode_encp(*voice)
for twin in (copy.deepcopy(flow), pickle.loads(pickle.dumps(flow))):
    twin.decode_encp(*voice)
    assert twin.calls == 2
assert set(flow.state_dict()) == {"layer.weight", "layer.bias"}
""",
    "it can be turned off": """
for value in ("0", "off", "No"):
    os.environ["TTSOPT_KEPT_VOICE"] = value
    flow.decode_encp(*voice)
assert flow.calls == 3
""",
    "weights made in inference mode cannot be watched, which is said once": """
with torch.inference_mode():
    flow = Flow().eval()
for _ in range(2):
    flow.decode_encp(*voice)
assert flow.calls == 2
print("said", file=sys.stderr)
""",
    "an embedding is computed once for a voice": """
speaker = Speaker()
first = speaker.compute_embedding3(voice[2])
assert torch.equal(first, speaker.compute_embedding3(again()[2])) and speaker.calls == 1
speaker.compute_embedding3(voice[2] + 1)
speaker.embedding_model = torch.nn.Linear(4, 2)
assert not torch.equal(first, speaker.compute_embedding3(voice[2])) and speaker.calls == 3
""",
    "what a GPU made is given out on the stream alone that made it": """
from ttsopt_gpt_sovits_kept import _Voices

class OnGpu:
    device = torch.device("cuda:0")
    def clone(self): return self

queue = ["first"]
torch.cuda.current_stream = lambda device: queue[-1]
voices = _Voices()
assert voices.look_up((), voice) is None
voices.keep((), voice, (OnGpu(),))
assert voices.look_up((), again()) is not None
queue.append("second")
assert voices.look_up((), again()) is None
queue.pop()
assert voices.look_up((), again()) is not None
""",
    "hits and misses are counted": """
from ttsopt_gpt_sovits_kept import cache_counts
speaker = Speaker()
for wav in (voice[2], voice[2], voice[2] + 1):
    speaker.compute_embedding3(wav)
assert cache_counts() == {"hits": 1, "misses": 2}
""",
    "many threads get right answers": """
wanted = {n: flow.decode_encp(voice[0] + n, *voice[1:]) for n in range(12)}
wrong = []
def speak(offset):
    for turn in range(60):
        n = (turn + offset) % 12
        if not same(wanted[n], flow.decode_encp(voice[0] + n, *voice[1:])):
            wrong.append(n)
threads = [threading.Thread(target=speak, args=(n,)) for n in range(4)]
for one in threads: one.start()
for one in threads: one.join()
assert not wrong
""",
}


@pytest.mark.parametrize("story", STORIES)
def test_kept_voices(story: str) -> None:
    command = [needed("TTSOPT_PYTHON_GPT_SOVITS"), "-c", MODEL + STORIES[story]]
    environment = {**ENVIRONMENT, "PYTHONPATH": str(HELPERS), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("ttsopt")]
    assert len(lines) == ("said once" in story)
