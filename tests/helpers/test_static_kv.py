"""GPT-SoVITS's t2s model with kept keys and values beside upstream's own: the same tokens, over modes and lengths.

Needs a clone and an interpreter, as tests/in_target/test_gpt_sovits_workload.py.
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
# Two models of the same random weights, end of speech never best, greedy; 4 layers of 256.
BEGIN = """
import contextlib, copy, faulthandler, io, os, sys, types
sys.path[:0] = [".", "GPT_SoVITS", sys.argv[1]]
import torch
import ttsopt_static_kv as helper
# It takes seconds to import, and counts what nobody trains here.
sys.modules["torchmetrics"] = sys.modules["torchmetrics.classification"] = types.ModuleType("torchmetrics")
sys.modules["torchmetrics"].MulticlassAccuracy = lambda *sizes, **options: None
from AR.models import t2s_model
torch.set_num_threads(1)
os.environ["TTSOPT_KERNELS"] = "off"  # the first kind, unless a story names one
torch.manual_seed(0)
shape = dict(embedding_dim=256, hidden_dim=256, head=8, linear_units=1024, n_layer=4, dropout=0)
model = dict(shape, vocab_size=1025, phoneme_vocab_size=732, EOS=1024, random_bert=0)
config = {"model": model}
plain, quick = (t2s_model.Text2SemanticDecoder(config).eval() for _ in range(2))
quick.load_state_dict(plain.state_dict())
loaded = types.SimpleNamespace(model=quick)  # as the module of Lightning that TTS_infer_pack loads
for one in (plain, quick):
    one.ar_predict_layer.weight.data[1024] = 0
ends = dict(top_k=1, top_p=1, temperature=1, repetition_penalty=1.35)

def naive(model, letters=20, tokens=30, streaming=False):
    torch.manual_seed(letters)
    x, voice = torch.randint(0, 700, (1, letters)), torch.randint(0, 1024, (1, 50))
    bert = torch.randn(1, 1024, letters)
    with torch.no_grad(), contextlib.redirect_stdout(io.StringIO()):
        made = list(model.infer_panel_naive(
            x, torch.tensor([letters]), voice, bert, early_stop_num=tokens, streaming_mode=streaming, **ends))
    return [one[0].tolist() if torch.is_tensor(one[0]) else one[0] for one in made]

def batch(model, letters=(20, 9, 31), tokens=25, end=True):
    torch.manual_seed(sum(letters))
    x = [torch.randint(0, 700, (one,)) for one in letters]
    voice, bert = torch.randint(0, 1024, (1, 50)), [torch.randn(1024, one) for one in letters]
    model.EOS = 1024
    steps, predict = [0], model.ar_predict_layer
    def stop(module, given, made):
        # The second sequence ends after 20 tokens: the loop takes its keys and values out of the batch.
        steps[0] += 1
        made = made.clone()
        if end and steps[0] == 20 and len(made) > 1:
            made[1, 1024] = 1e4
        return made
    heard = predict.register_forward_hook(stop)
    with torch.no_grad(), contextlib.redirect_stdout(io.StringIO()):
        made, lengths = model.infer_panel_batch_infer(
            x, torch.tensor(letters), voice.expand(len(letters), -1), bert, early_stop_num=tokens, **ends)
    heard.remove()
    return [one.tolist() for one in made], lengths

def steps(model, tokens=5, letters=30):
    # What the transformer gives for given inputs, without a loop around.
    torch.manual_seed(1)
    made, mask = [], torch.zeros(1, 8, letters, letters, dtype=torch.bool)
    with torch.no_grad():
        _, keys, values = model.t2s_transformer.process_prompt(torch.randn(1, letters, 256), mask, None)
        for _ in range(tokens):
            x, keys, values = model.t2s_transformer.decode_next_token(torch.randn(1, 1, 256), keys, values)
            made.append(x)
    return torch.cat(made, 1)

def off(a, b):
    return ((a - b).abs().max() / a.abs().max()).item()

def kept():
    return type(quick.t2s_transformer) is helper.Transformer and not helper.__ttsopt_fallbacks__

assert helper.keep_cache(loaded) is loaded
"""
STORIES = {
    "one by one, over lengths": """
for letters, tokens in ((1, 15), (130, 20)):
    assert naive(quick, letters, tokens) == naive(plain, letters, tokens), letters
assert kept() and quick.t2s_transformer.compared == {False}
""",
    "in chunks": """
assert naive(quick, streaming=True) == naive(plain, streaming=True) and kept()
""",
    "batches of unequal texts, of which one ends early": """
for letters, end in (((20, 9, 31), True), ((7, 8), False), ((15, 15, 15), True)):
    assert batch(quick, letters, end=end) == batch(plain, letters, end=end), letters
assert kept() and quick.t2s_transformer.compared == {False, True}
""",
    "numbers of a step": """
assert off(steps(plain, 280), steps(quick, 280)) < 1e-5 and kept()
""",
    "a step copies no key": """
cat, joined = torch.cat, []
steps(quick)
torch.cat = lambda parts, *rest, **options: joined.append(1) or cat(parts, *rest, **options)
made = steps(quick, 10)
assert len(joined) == 1
""",
    "weights that are changed or loaded anew": """
steps(quick)
for change in (lambda weight: weight.mul_(1.5), lambda weight: weight.data.mul_(0.5)):
    for one in (plain, quick):
        with torch.no_grad():
            change(one.h.layers[1].linear1.weight)
    assert off(steps(plain), steps(quick)) < 1e-5
for weight in plain.parameters():
    weight.data.mul_(1.1)
quick.load_state_dict(plain.state_dict())
assert off(steps(plain), steps(quick)) < 1e-5 and kept()
""",
    "smaller weights are near, whichever kind": """
helper.shrink_weights(loaded)
for kind, most in (("bf16", 0.03), ("int8w", 0.06), ("int8", 0.12)):
    os.environ["TTSOPT_KERNELS"] = kind
    quick.t2s_transformer.kinds = ()
    helper.shrink_weights(loaded)
    steps(quick, 1)
    far = off(steps(plain), steps(quick))
    assert 1e-5 < far < most or kind == "bf16" and far < most, (kind, far)
assert kept()
""",
    "smaller weights stay, in either order": """
helper.shrink_weights(loaded)
helper.keep_cache(loaded)
assert quick.t2s_transformer.kinds == helper.LOSSY and kept()
""",
    "a weight in 8 bits is made anew where upstream's is": """
os.environ["TTSOPT_KERNELS"] = "int8"
helper.shrink_weights(loaded)
steps(quick)
for one in (plain, quick):
    one.h.layers[1].linear1.weight.data.mul_(3)
assert off(steps(plain), steps(quick)) < 0.12
""",
    "another block speaks as shipped, and says so": """
quick.t2s_transformer = quick.t2s_transformer.shipped
block = quick.t2s_transformer.blocks[2]
decode = block.decode_next_token
block.decode_next_token = lambda x, *rest: (lambda made: (made[0] * 1.1, *made[1:]))(decode(x, *rest))
wanted = naive(quick), batch(quick)
helper.keep_cache(loaded)
assert (naive(quick), batch(quick)) == wanted
assert len(helper.__ttsopt_fallbacks__) == 1 and quick.t2s_transformer.refused
""",
    "a transformer that is unknown is left alone": """
quick.t2s_transformer = object()
helper.keep_cache(loaded)
assert type(quick.t2s_transformer) is object and len(helper.__ttsopt_fallbacks__) == 1
""",
    "off, under gradients, in another type": """
def caches(model=quick):
    mask = torch.zeros(1, 8, 4, 4, dtype=torch.bool)
    like = next(model.parameters())
    return type(model.t2s_transformer.process_prompt(torch.randn(1, 4, 256).to(like), mask, None)[1])
with torch.no_grad():
    assert caches() is helper.Cache
    os.environ["TTSOPT_STATIC_KV"] = "0"
    assert caches() is list
    del os.environ["TTSOPT_STATIC_KV"]
    quick.double()
    assert caches() is list
    quick.float()
    assert caches() is helper.Cache
assert caches() is list
""",
    "nothing of it is in the state, and copies speak too": """
assert list(quick.state_dict()) == list(plain.state_dict())
twin = copy.copy(quick.t2s_transformer)
assert twin.num_blocks == 4 and naive(quick) == naive(plain)
""",
    "eight threads at once": """
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(8) as pool:
    made = list(pool.map(lambda tokens: steps(quick, tokens), [3, 20, 7] * 3))
assert all(one.isfinite().all() for one in made) and kept()
""",
}


# Each in a child of one process, for importing torch takes seconds.
RUN = """
import json, traceback
found = {}
for name, story in json.loads(sys.argv[2]).items():
    sys.stdout.flush()
    reading, writing = os.pipe()
    if not os.fork():
        try:
            exec(story)
        except BaseException:
            os.write(writing, traceback.format_exc(limit=-3).encode()[-4000:])
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        found[name] = told.read()
    os.wait()
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What went wrong in each story, with upstream's newest t2s model."""
    folder = tmp_path_factory.mktemp("static-kv") / "view"
    lay_out("GPT-SoVITS", "HEAD", folder, "GPT_SoVITS/AR", "GPT_SoVITS/utils.py")
    arguments = [str(HELPERS), json.dumps(STORIES)]
    command = [needed("TTSOPT_PYTHON_GPT_SOVITS"), "-W", "ignore", "-c", BEGIN + RUN, *arguments]
    environment = {**os.environ, **ENVIRONMENT, "TTSOPT_KERNELS_FOLDER": str(folder / "kernels")}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    results: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return results


@pytest.mark.parametrize("story", STORIES)
def test_tokens_are_those_of_upstreams_transformer(found: dict[str, str], story: str) -> None:
    assert not found[story], found[story]
