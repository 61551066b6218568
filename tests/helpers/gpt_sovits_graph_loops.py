"""GPT-SoVITS's t2s models, small and of random weights, and its loops, for `gpt_sovits_graph_trials.py`.

The paths of its modules and of the helpers are set by whoever imports this.
"""

from __future__ import annotations

import contextlib
import io
import sys
import types
from importlib import import_module
from typing import Any

# It takes seconds to import, and counts what nobody trains here.
metrics: Any = types.ModuleType("torchmetrics")
metrics.MulticlassAccuracy = lambda *_sizes, **_options: None
sys.modules["torchmetrics"] = sys.modules["torchmetrics.classification"] = metrics

torch: Any = import_module("torch")
fake: Any = import_module("fake_graphs")
common: Any = import_module("graph_trials")
helper: Any = import_module("ttsopt_gpt_sovits_graphs")
t2s_model: Any = import_module("AR.models.t2s_model")
SHAPE = {
    "embedding_dim": 128,
    "hidden_dim": 128,
    "head": 4,
    "linear_units": 512,
    "n_layer": 3,
    "dropout": 0,
}
ENDS = {"top_k": 1, "top_p": 1, "temperature": 1, "repetition_penalty": 1.35}


def models() -> tuple[Any, Any, Any]:
    """Two t2s models of the same random weights, end of speech never best; the second by graphs; its device."""
    torch.manual_seed(0)
    model = dict(SHAPE, vocab_size=1025, phoneme_vocab_size=732, EOS=1024, random_bert=0)
    plain, quick = (t2s_model.Text2SemanticDecoder({"model": model}).eval() for _ in range(2))
    quick.load_state_dict(plain.state_dict())
    for one in (plain, quick):
        one.ar_predict_layer.weight.data[1024] = 0
    device = fake.FakeDevice()
    helper.graph_tokens(types.SimpleNamespace(model=quick), device)
    return plain, quick, device


def naive(model: Any, letters: int = 20, tokens: int = 30, streaming: bool = False) -> Any:
    """Tokens of one text, as the loop without batches gives them."""
    torch.manual_seed(letters)
    x, voice = torch.randint(0, 700, (1, letters)), torch.randint(0, 1024, (1, 50))
    bert = torch.randn(1, 1024, letters)
    with torch.no_grad(), contextlib.redirect_stdout(io.StringIO()):
        loop = model.infer_panel_naive(
            x,
            torch.tensor([letters]),
            voice,
            bert,
            early_stop_num=tokens,
            streaming_mode=streaming,
            **ENDS,
        )
        made = list(loop)
    return [one[0].tolist() if torch.is_tensor(one[0]) else one[0] for one in made]


def batch(model: Any, letters: Any = (20, 9, 31), tokens: int = 30, ends: int = 15) -> Any:
    """Tokens of texts of unequal lengths, of which one is at its end after some steps."""
    torch.manual_seed(sum(letters))
    x = [torch.randint(0, 700, (one,)) for one in letters]
    voice, bert = torch.randint(0, 1024, (1, 50)), [torch.randn(1024, one) for one in letters]
    steps = [0]

    def stop(_module: Any, _given: Any, made: Any) -> Any:
        steps[0] += 1
        made = made.clone()
        if steps[0] == ends and len(made) > 1:
            made[1, 1024] = 1e4
        return made

    heard = model.ar_predict_layer.register_forward_hook(stop)
    with torch.no_grad(), contextlib.redirect_stdout(io.StringIO()):
        made, lengths = model.infer_panel_batch_infer(
            x,
            torch.tensor(letters),
            voice.expand(len(letters), -1),
            bert,
            early_stop_num=tokens,
            **ENDS,
        )
    heard.remove()
    return [one.tolist() for one in made], lengths


def steps(
    model: Any,
    tokens: int = 8,
    letters: int = 30,
    sequences: int = 1,
    hidden: int = 0,
    seed: int = 1,
) -> Any:
    """Outputs of the transformer for given inputs: the first `hidden` rows of the last sequence are masked."""
    generator, made, mask_heads = torch.Generator().manual_seed(seed), [], SHAPE["head"]
    dtype = next(model.parameters()).dtype
    mask = torch.zeros(sequences, mask_heads, letters, letters, dtype=torch.bool)
    mask[-1, :, :, :hidden] = True
    seen = mask[:, :, -1:]
    with torch.no_grad():
        x = torch.randn(sequences, letters, 128, generator=generator).to(dtype)
        _, keys, values = model.t2s_transformer.process_prompt(x, mask, None)
        for _ in range(tokens):
            x = torch.randn(sequences, 1, 128, generator=generator).to(dtype)
            seen = torch.nn.functional.pad(seen, (0, 1), value=False)
            given = (seen,) if hidden else ()
            x, keys, values = model.t2s_transformer.decode_next_token(x, keys, values, *given)
            made.append(x)
    return made


def off(made: Any, wanted: Any) -> float:
    return float(common.row("", "", made, wanted)["off"])
