"""Runs in an interpreter with torch: the helpers of CosyVoice's patches, as JSON on the last line.

Arguments: the folder of the helpers, and what to try: a function of this file.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

torch: Any = import_module("torch")
nn = torch.nn


def nucleus() -> dict[str, Any]:
    """The draw with the helper against the loop over scalars: tokens, and the generator's state after them."""
    nucleus_size = import_module("ttsopt_cosyvoice_nucleus").nucleus_size

    own, different, counts = torch.Generator().manual_seed(5), 0, set()
    for number in range(1200):
        scores, top_p, top_k = _case(number, own)
        probabilities, order = scores.softmax(dim=0).sort(descending=True, stable=True)
        kept = nucleus_size(probabilities, top_p, top_k)
        torch.manual_seed(number)
        ours = order[:kept][probabilities[:kept].multinomial(1, replacement=True)].item()
        state = torch.get_rng_state()
        torch.manual_seed(number)
        theirs = _drawn_one_by_one(scores, top_p, top_k)
        different += ours != theirs or not torch.equal(state, torch.get_rng_state())
        counts.add(kept)
    return {"different": different, "counts": sorted(counts)}


def _case(number: int, own: Any) -> tuple[Any, float, int]:
    """Scores of many kinds: all alike, ties, and sums that meet the limit exactly."""
    size, top_k = (3, 25, 26, 400, 6564)[number % 5], (1, 2, 25, 50)[number % 4]
    scores = torch.randn(size, generator=own) * (0.1, 1, 3, 10)[number % 4]
    if number % 7 == 0:
        scores = torch.zeros(size)
    if number % 11 == 0:
        scores = scores.round()
    if number % 13 == 0:
        scores[:] = -float("inf")
        scores[:3] = torch.tensor([0.5, 0.3, 0.2]).log()
    return scores, (0.8, 0.9, 0.3, 1.0, 0.95, 0.5)[number % 6], top_k


def _drawn_one_by_one(scores: Any, top_p: float, top_k: int) -> Any:
    """As CosyVoice draws, in our words."""
    probabilities, order = scores.softmax(dim=0).sort(descending=True, stable=True)
    chosen: list[Any] = []
    total: Any = 0.0
    while len(chosen) < min(top_k, len(probabilities)) and total < top_p:
        total += probabilities[len(chosen)]
        chosen.append(probabilities[len(chosen)])
    drawn = torch.tensor(chosen).to(scores).multinomial(1, replacement=True)
    return order[: len(chosen)][drawn].item()


def other_ways() -> dict[str, Any]:
    """What the helper leaves to a loop: half precision, odd limits, the switch."""
    nucleus_size = import_module("ttsopt_cosyvoice_nucleus").nucleus_size

    even = torch.full((40,), 1 / 40)
    sizes = [
        nucleus_size(even.half(), 0.8, 25),
        nucleus_size(even, 0.8, 0),
        nucleus_size(even, 0.0, 25),
    ]
    sizes += [nucleus_size(even[:0], 0.8, 25), nucleus_size(even, 0.8, 25)]
    os.environ["TTSOPT_NUCLEUS"] = "0"
    return {"sizes": [*sizes, nucleus_size(even, 0.8, 25)]}


class _Vocoder(nn.Module):  # type: ignore[name-defined,misc]
    """Weight norm in all its forms."""

    def __init__(self, normed: Any) -> None:
        super().__init__()
        self.before = normed(nn.Conv1d(8, 16, 7, padding=3))
        self.ups = nn.ModuleList([normed(nn.ConvTranspose1d(16, 8, 4, 2)), nn.Conv1d(8, 8, 1)])
        self.f0_predictor = nn.Sequential(normed(nn.Conv1d(8, 8, 3, padding=1)), nn.ELU())

    def forward(self, mel: Any) -> Any:
        """A wave, of two steps."""
        return self.ups[1](self.ups[0](self.before(self.f0_predictor(mel).float())))


class CausalVocoder(_Vocoder):
    """Its pitch predictor turns to float64 in each call."""

    def forward(self, mel: Any) -> Any:
        """As above."""
        self.f0_predictor.to(torch.float64)
        return super().forward(mel.to(torch.float64))


def weight_norm() -> dict[str, Any]:
    """Vocoders with both kinds of weight norm, folded and not; then loaded again."""
    fold_weight_norm = import_module("ttsopt_cosyvoice_weight_norm").fold_weight_norm

    rows = {}
    kinds = {"new": nn.utils.parametrizations.weight_norm, "old": nn.utils.weight_norm}
    for name, normed in kinds.items():
        for kind in (_Vocoder, CausalVocoder):
            ours, theirs = _two(kind, normed)
            folded = fold_weight_norm(ours)
            equal = _same(ours, theirs)
            for weight in theirs.parameters():
                weight.data.mul_(1.25)
            ours.load_state_dict(theirs.state_dict(), strict=True)
            plain = [key for key in ours.state_dict() if key.endswith("weight")]
            rows[f"{name} {kind.__name__}"] = [folded, equal, _same(ours, theirs), len(plain)]
    return rows


def weight_norm_off() -> dict[str, Any]:
    """With the switch; and a layer that cannot be folded."""
    helper = import_module("ttsopt_cosyvoice_weight_norm")

    stuck, theirs = _two(_Vocoder, nn.utils.weight_norm)
    stuck.ups[0].weight_v = None  # breaks it, and it alone
    rows: dict[str, Any] = {"stuck": helper.fold_weight_norm(stuck)}
    rows["said"] = helper.__ttsopt_fallbacks__
    os.environ["TTSOPT_FOLDED_WEIGHT_NORM"] = "off"
    ours, _ = _two(_Vocoder, nn.utils.parametrizations.weight_norm)
    return {**rows, "off": helper.fold_weight_norm(ours), "same": _same(ours, theirs)}


def hidden_states() -> dict[str, Any]:
    """Steps of a Qwen2 with its head and all hidden states, and of the model inside: what comes out of each."""
    transformers: Any = import_module("transformers")
    torch.manual_seed(0)
    sizes = {"vocab_size": 500, "hidden_size": 64, "num_hidden_layers": 3, "intermediate_size": 128}
    heads = {"num_attention_heads": 4, "num_key_value_heads": 2}
    qwen = transformers.Qwen2ForCausalLM(transformers.Qwen2Config(**sizes, **heads)).eval()
    with torch.inference_mode():
        whole = _steps(qwen, output_hidden_states=True)
        inner = _steps(qwen.model, output_hidden_states=False)
    ends = [one.hidden_states[-1] for one in whole], [one.last_hidden_state for one in inner]
    return {"equal": [bool(torch.equal(*pair)) for pair in zip(*ends, strict=True)]}


def _steps(model: Any, **options: Any) -> list[Any]:
    """A prompt of 17, ten tokens, then five at once, as text that streams in."""
    torch.manual_seed(1)
    made: list[Any] = []
    for length in [17, *[1] * 10, 5, 1]:
        cache = made[-1].past_key_values if made else None
        mask = torch.ones(1, length if length == 1 else sum(_lengths(made)) + length).bool()
        known = torch.randn(1, length, 64)
        options |= {"return_dict": True, "use_cache": True, "past_key_values": cache}
        made.append(model(inputs_embeds=known, attention_mask=mask, **options))
    return made


def _lengths(made: list[Any]) -> list[int]:
    states = [getattr(one, "last_hidden_state", None) for one in made]
    pairs = zip(states, made, strict=True)
    return [(one.hidden_states[-1] if state is None else state).shape[1] for state, one in pairs]


def exported() -> dict[str, Any]:
    """Files and packages that are there or not, without a GPU and with a pretended one."""
    usable = import_module("ttsopt_cosyvoice_exported").exported

    with tempfile.TemporaryDirectory() as folder:
        full, empty = Path(folder) / "full.onnx", Path(folder) / "empty.onnx"
        full.write_bytes(b"graph")
        empty.write_bytes(b"")
        torch.cuda.is_available = lambda: False
        rows = {"no gpu": usable(str(full))}
        torch.cuda.is_available = lambda: True
        rows |= {"file": usable(str(full)), "package": usable(full, "json")}
        rows |= {"empty": usable(empty), "folder": usable(folder), "missing": usable("no.onnx")}
        rows["no package"] = usable(full, "surely_not_installed")
        os.environ["TTSOPT_EXPORTED"] = "0"
        rows["off"] = usable(full)
    return rows


def _two(kind: Any, normed: Any) -> tuple[Any, Any]:
    pair = []
    for _ in range(2):
        torch.manual_seed(0)
        pair.append(kind(normed).eval())
    return pair[0], pair[1]


def _same(one: Any, other: Any) -> bool:
    mel = torch.randn(1, 8, 20, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        return bool(torch.equal(one(mel), other(mel)))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(sys.argv[1])))
    print(json.dumps(globals()[sys.argv[2]]()))  # noqa: T201
