"""Runs in an interpreter with torch: kept projections of positions in a checkout's own encoder, as JSON.

Arguments: the folder of the helpers, a checkout with the patch, and what to try: a function of this file.
"""

from __future__ import annotations

import copy
import json
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

torch: Any = import_module("torch")
nn = torch.nn
WIDTH, STEPS, PROMPT = 64, 70, 40
# The encoder's file imports them all, and needs none.
BESIDE = ("llm.llm", "flow.flow", "hifigan.generator", "cli.model")


def encoders() -> dict[str, Any]:
    """Token by token with the helper and without: the largest difference, and the rows that were projected."""
    rows = {}
    for name in ("float32", "float64", "bfloat16"):
        dtype = getattr(torch, name)
        for seed in (0, 1):
            model = _encoder(seed).to(dtype)
            kept = _decoded(model, dtype, seed, switch="1")
            plain = _decoded(model, dtype, seed, switch="0")
            rows[f"{name} {seed}"] = [_difference(kept[0], plain[0]), kept[1], plain[1]]
    return rows


def _encoder(seed: int) -> Any:
    torch.manual_seed(seed)
    for name in BESIDE:
        sys.modules.setdefault(f"cosyvoice.{name}", MagicMock())
    module: Any = import_module("cosyvoice.transformer.encoder")
    options: dict[str, Any] = {"attention_heads": 4, "linear_units": 128, "num_blocks": 2}
    options |= {"input_layer": "linear_legacy", "pos_enc_layer_type": "rel_pos_espnet"}
    options |= {"selfattention_layer_type": "rel_selfattn", "static_chunk_size": 1}
    return module.TransformerEncoder(WIDTH, WIDTH, **options).eval()


def _decoded(model: Any, dtype: Any, seed: int, switch: str) -> tuple[Any, int]:
    """What the encoder gives for a prompt and then one token at a time, as the language model asks it."""
    os.environ["TTSOPT_KEPT_POSITIONS"] = switch
    own, counted, outs = torch.Generator().manual_seed(seed), [0], []
    linear, weights = nn.functional.linear, {id(one) for one in _projections(model)}

    def counting(x: Any, weight: Any, *more: Any) -> Any:
        counted[0] += x.size(1) if id(weight) in weights else 0
        return linear(x, weight, *more)

    nn.functional.linear = counting
    attention, convolution, offset = torch.zeros(0, 0, 0, 0), torch.zeros(0, 0, 0, 0), 0
    with torch.inference_mode():
        for size in (PROMPT, *[1] * STEPS):
            x = torch.randn(1, size, WIDTH, generator=own).to(dtype)
            mask = torch.tril(torch.ones(1, size, size)).bool()
            y, attention, convolution = model.forward_chunk(
                x, offset, -1, attention, convolution, mask
            )
            offset += size
            outs.append(y)
    nn.functional.linear = linear
    return torch.cat(outs, dim=1), counted[0]


def _projections(model: Any) -> list[Any]:
    return [one for name, one in model.named_parameters() if "linear_pos" in name]


def _difference(ours: Any, theirs: Any) -> float:
    return float((ours - theirs).abs().max() / theirs.abs().max())


def scripted() -> dict[str, Any]:
    """The encoder as TorchScript, which knows no helper, against the encoder without it."""
    model, x = _encoder(0), torch.randn(1, 30, WIDTH)
    os.environ["TTSOPT_KEPT_POSITIONS"] = "0"
    with torch.inference_mode():
        script = torch.jit.script(model)
        lengths = torch.tensor([30])
        found = script(x, lengths)[0], model(x, lengths)[0]
    return {"difference": _difference(*found), "calls": "projected" in str(script.code)}


def changes() -> dict[str, Any]:
    """True where the result is that of the projection itself: other weights, types, tables, hooks and modes."""
    helper: Any = import_module("ttsopt_kept_positions")
    os.environ["TTSOPT_KEPT_POSITIONS"] = "1"
    torch.manual_seed(0)
    linear, table = nn.Linear(8, 8, bias=False), torch.randn(1, 999, 8)
    rows: dict[str, Any] = {}

    def ask(name: str, size: int = 60, of: Any = table, by: Any = linear) -> None:
        middle = of.size(1) // 2
        helper.projected(by, of[:, middle - size + 2 : middle + size - 1])  # a token before
        positions = of[:, middle - size + 1 : middle + size]
        ours, theirs = helper.projected(by, positions), by(positions)
        same = ours.shape == theirs.shape and torch.allclose(ours, theirs, rtol=1e-2, atol=1e-5)
        rows[name] = bool(same)

    with torch.no_grad():
        for size in (30, 31, 200, 10, 499):
            ask(f"size {size}", size)
        linear.weight.mul_(2)
        ask("written weight")
        linear.weight = nn.Parameter(torch.randn(8, 8))
        ask("another weight")
        table.mul_(2)
        ask("written table")
        ask("another table", of=torch.randn(1, 999, 8))
        ask("a copy", by=copy.deepcopy(linear))
        ask("bias", by=nn.Linear(8, 8))
        ask("type", of=table.bfloat16(), by=copy.deepcopy(linear).bfloat16())
        ask("transposed", of=torch.randn(1, 8, 999).transpose(1, 2))
        with torch.autocast("cpu", torch.bfloat16):
            ask("autocast")
        ask("after autocast")
    with torch.inference_mode():
        ask("inference mode")
    ask("gradients")
    return {**rows, **_passed_by(helper, linear, table)}


def _passed_by(helper: Any, linear: Any, table: Any) -> dict[str, Any]:
    """What goes to the projection itself: hooks, gradients, whole tables, long stretches."""
    seen: list[Any] = []
    hooked = copy.deepcopy(linear)
    hooked.register_forward_hook(lambda *_: seen.append(1))
    with torch.no_grad():
        for _ in range(2):
            helper.projected(hooked, table[:, 400:500])
        long = torch.randn(1, helper.MOST + 9, 8)
        helper.projected(linear, long[:, 1:])
        kept = helper._kept[linear].rows.size(1)
        helper.projected(linear, torch.randn(1, 30, 8))
    trained = helper.projected(linear, table[:, 400:500]).requires_grad
    rows = {"hooks": len(seen), "bounded": kept <= helper.MOST, "trained": trained}
    return {**rows, "chunks": _keeps(helper, table, 25), "tokens": _keeps(helper, table, 1)}


def _keeps(helper: Any, table: Any, more: int) -> bool:
    """True if rows are kept where each stretch has `more` rows more on each side than the one before."""
    linear = nn.Linear(8, 8, bias=False)
    with torch.no_grad():
        for size in range(50, 50 + 4 * more, more):
            helper.projected(linear, table[:, 400 - size : 400 + size])
    return linear in helper._kept


if __name__ == "__main__":
    sys.path[:0] = [str(Path(one)) for one in sys.argv[1:-1] if one]
    print(json.dumps(globals()[sys.argv[-1]]()))  # noqa: T201
