"""What index-tts/unused-w2v-bert-layers puts in, run on a small w2v-BERT of 24 layers: not a bit differs.

TTSOPT_PYTHON_INDEX_TTS is an interpreter as docs/environments.md makes it. The tiny workload has one layer of
w2v-BERT, of which nothing can be left out.
"""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path

import pytest
from upstream_views import needed

PATCH = (
    Path(__file__).parents[2] / "patches" / "index-tts" / "unused-w2v-bert-layers" / "patch.toml"
)
TRIAL = """
import copy, sys, types
import torch
from transformers import Wav2Vec2BertConfig, Wav2Vec2BertModel

torch.manual_seed(0)
sizes = dict(hidden_size=32, num_attention_heads=2, intermediate_size=64)
whole = Wav2Vec2BertModel(Wav2Vec2BertConfig(num_hidden_layers=24, **sizes)).eval()
short = copy.deepcopy(whole)
exec(sys.argv[1], {"self": types.SimpleNamespace(semantic_model=short)})
features, mask = torch.randn(2, 40, 160), torch.ones(2, 40, dtype=torch.long)
mask[1, 25:] = 0


def heard(model):
    torch.manual_seed(1)
    with torch.no_grad():
        made = model(input_features=features, attention_mask=mask, output_hidden_states=True)
    return made.hidden_states, torch.rand(3)


def weights(model):
    return sum(one.numel() for one in model.encoder.layers.parameters())


(before, draws), (after, same_draws) = heard(whole), heard(short)
assert torch.equal(before[17], after[-1]) and torch.equal(draws, same_draws)
assert not torch.equal(before[17], before[16]) and not torch.equal(before[17], before[24])
assert weights(short) * 24 == weights(whole) * 17
"""


@pytest.mark.upstream
def test_the_layer_that_is_asked_for_has_the_same_bits() -> None:
    python = needed("TTSOPT_PYTHON_INDEX_TTS")
    files = tomllib.loads(PATCH.read_text(encoding="utf-8"))["files"]
    put_in = {edit["insert"] for file in files for edit in file["edits"] if "insert" in edit}
    assert len(put_in) == 1
    done = subprocess.run(
        [str(python), "-c", TRIAL, *put_in],
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
