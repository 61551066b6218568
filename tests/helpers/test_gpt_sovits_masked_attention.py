"""GPT-SoVITS's CUDA-graph decoder beside its eager one, on a CPU without capture: with the patch, the same tokens.

Needs a clone and an interpreter, as tests/in_target/test_gpt_sovits_workload.py.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from upstream_views import ENVIRONMENT, lay_out, needed

pytestmark = pytest.mark.upstream

PATCH = "gpt-sovits/masked-cuda-graph-attention"
TOKENS = 80
LARGE = (":(exclude)*engdict_cache.pickle", ":(exclude)*userdict.csv")  # nothing here reads them
# Both decoders from the same random weights, end of speech never best, greedy: what differs is the attention.
BOTH = f"""
import contextlib, io, json, sys
sys.path[:0] = [".", "GPT_SoVITS"]
import torch
torch.set_num_threads(1)
torch.Tensor.cuda = lambda self, *a, **k: self
from AR.models import structs_cudagraph, t2s_model_cudagraph
from AR.models.t2s_lightning_module import Text2SemanticLightningModule
shape = dict(embedding_dim=256, hidden_dim=256, head=8, linear_units=1024, n_layer=4, dropout=0)
model = dict(shape, vocab_size=1025, phoneme_vocab_size=732, EOS=1024, random_bert=0)
config = {{"model": model, "train": {{}}, "optimizer": {{}}, "data": {{"max_sec": 54}}}}
torch.manual_seed(0)
eager = Text2SemanticLightningModule(config, "x", is_train=False).eval()
eager.model.ar_predict_layer.weight.data[1024] = 0
decoder = t2s_model_cudagraph.T2SDecoder(config, max_batch_size=1)
decoder.load_state_dict(eager.state_dict())
runner = t2s_model_cudagraph.CUDAGraphRunner(decoder.eval(), torch.device("cpu"), torch.float32)
x, voice, bert = torch.randint(0, 700, (1, 20)), torch.randint(0, 1024, (1, 50)), torch.randn(1, 1024, 20)
options = dict(top_k=1, top_p=1, temperature=1, early_stop_num={TOKENS}, repetition_penalty=1.35)
with torch.no_grad(), contextlib.redirect_stdout(io.StringIO()):
    y, _ = eager.model.infer_panel(x, torch.tensor([20]), voice, bert, **options)
    request = structs_cudagraph.T2SRequest(
        [x[0]], torch.tensor([20]), voice, [bert[0]], valid_length=1, use_cuda_graph=False, **options
    )
    made, arange = [], torch.arange
    torch.arange = lambda *a, **k: made.append(1) or arange(*a, **k)
    answer = runner.generate(request)
assert answer.exception is None, answer.traceback
print(json.dumps([y[0, 50:].tolist(), answer.result[0].tolist(), len(made)]))
"""


def agreement(view: Path) -> tuple[float, int]:
    """The part of the tokens that both decoders of a tree say alike, and how many aranges the second made."""
    command = [needed("TTSOPT_PYTHON_GPT_SOVITS"), "-c", BOTH]
    done = subprocess.run(
        command, cwd=view, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    eager, graph, ranges = json.loads(done.stdout.splitlines()[-1])
    assert min(len(eager), len(graph)) >= TOKENS
    equal = [a == b for a, b in zip(eager, graph, strict=False)]
    return equal.count(True) / len(equal), ranges


def test_with_the_mask_every_token_is_that_of_the_eager_decoder(tmp_path: Path) -> None:
    view = tmp_path / "view"
    lay_out("GPT-SoVITS", "HEAD", view, ".", *LARGE)
    alike, ranges = agreement(view)
    assert alike < 0.5
    command = [sys.executable, "-m", "ttsopt", "apply", str(view), "-p", PATCH, "--effect", "lossy"]
    state = {**os.environ, "TTSOPT_STATE_HOME": str(tmp_path / "state")}
    subprocess.run(command, check=True, capture_output=True, env=state)
    alike, with_mask = agreement(view)
    assert alike == 1.0
    assert 0 < with_mask - ranges <= TOKENS + 2  # one mask a step, not one in each of four layers
