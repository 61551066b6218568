"""Runs in an interpreter with torch: helpers that leave out work, against what they leave out, as JSON.

Arguments: the folder of the helpers, a checkout (or nothing), and what to try: a function of this file.
"""

from __future__ import annotations

import copy
import json
import os
import sys
from importlib import import_module
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

torch: Any = import_module("torch")
nn = torch.nn
CONDITIONING = "ttsopt_kept_conditioning"


def sort() -> dict[str, Any]:
    """The beginning of a stable sort: ties, zeros, one that is sure, and values that are no numbers."""
    most_likely = import_module("ttsopt_cosyvoice_sort").most_likely
    own, different, shorter, rows = torch.Generator().manual_seed(3), [], 0, 0
    for number in range(600):
        size, count = (3, 25, 201, 4096, 6561)[number % 5], (1, 2, 25, 50)[number % 4]
        scores = torch.randn(size, generator=own) * (0.1, 1, 10, 100)[number % 4]
        scores = scores.round() if number % 3 == 0 else scores
        scores = torch.zeros(size) if number % 7 == 0 else scores
        scores[:: 2 + number % 9] = -float("inf") if number % 11 == 0 else scores[0]
        rows += 1
        for made in (scores.softmax(dim=0), scores.softmax(dim=0).half()):
            ours, theirs = most_likely(made, count), made.sort(descending=True, stable=True)
            shorter += len(ours[0]) < len(theirs[0])
            pairs = zip(ours, theirs, strict=True)
            if not all(torch.equal(one[:count], other[:count]) for one, other in pairs):
                different.append(number)
    odd = torch.full((400,), 1 / 400)
    odd[7] = float("nan")
    ours, theirs = most_likely(odd, 25)[1][:25], odd.sort(descending=True, stable=True)[1][:25]
    whole = [bool(torch.equal(ours, theirs)), len(most_likely(odd, 0)[0])]
    os.environ["TTSOPT_SHORT_SORT"] = "0"
    off = len(most_likely(torch.rand(400), 25)[0])
    return {"rows": rows, "different": different, "shorter": shorter, "whole": [*whole, off]}


def masks() -> dict[str, Any]:
    """The estimators of a checkout with and without: bits, and how many masks were made."""
    decoder: Any = import_module("cosyvoice.flow.decoder")
    rows: dict[str, Any] = {}
    for name in ("ConditionalDecoder", "CausalConditionalDecoder"):
        torch.manual_seed(0)
        model = _estimator(decoder, name)
        for streaming in (False, True):
            for dtype in (torch.float32, torch.bfloat16):
                key = f"{name} {streaming} {str(dtype).rpartition('.')[2]}"
                rows[key] = _both_ways(decoder, model, streaming, dtype)
    return rows


def _estimator(decoder: Any, name: str) -> Any:
    sizes: dict[str, Any] = {"in_channels": 32, "out_channels": 8, "channels": [16, 16]}
    sizes |= {"dropout": 0.0, "attention_head_dim": 8, "n_blocks": 1, "num_mid_blocks": 3}
    sizes |= {"num_heads": 2, "act_fn": "gelu"}
    if name.startswith("Causal"):
        sizes |= {"static_chunk_size": 10, "num_decoding_left_chunks": -1}
    return getattr(decoder, name)(**sizes).eval()


def _both_ways(decoder: Any, model: Any, streaming: bool, dtype: Any) -> list[Any]:
    own = torch.Generator().manual_seed(1)
    x, mu, cond = (torch.randn(2, 8, 46, generator=own) for _ in range(3))
    mask = torch.ones(2, 1, 46)
    mask[1, :, 40:] = 0
    spks, t = torch.randn(2, 8, generator=own), torch.rand(2, generator=own)
    outs, made = [], []
    once, make = decoder.made_once, decoder.add_optional_chunk_mask
    for ask in (once, _always):
        made.append(0)
        decoder.made_once = ask

        def counted(*args: Any) -> Any:
            made[-1] += 1
            return make(*args)

        decoder.add_optional_chunk_mask = counted
        with torch.inference_mode(), torch.autocast("cpu", dtype, dtype != torch.float32):
            outs.append(model(x, mask, mu, t, spks, cond, streaming=streaming))
    decoder.made_once, decoder.add_optional_chunk_mask = once, make
    return [bool(torch.equal(*outs)), bool(outs[0].abs().sum() > 0), made]


def _always(_: Any, __: Any, ___: Any, make: Any) -> Any:
    return make()


def upsampling() -> dict[str, Any]:
    """A vocoder of a checkout with and without: bits, and how often it upsamples."""
    bigvgan: Any = import_module("indextts.s2mel.modules.bigvgan.bigvgan")
    model = _vocoder(bigvgan)
    rows = {"plain": _upsampled(model)}
    rows["half"] = _upsampled(copy.deepcopy(model).bfloat16(), torch.bfloat16)
    other = copy.deepcopy(model)
    other.resblocks[1].activations[0].upsample.filter.mul_(1.5)
    rows["other filter"] = _upsampled(other)
    watched = copy.deepcopy(model)
    seen: list[Any] = []
    watched.resblocks[1].activations[0].register_forward_hook(lambda *_: seen.append(1))
    rows["hook"] = [*_upsampled(watched), len(seen)]
    rows["gradients"] = _upsampled(model, gradients=True)
    _upsampled(model)
    model.resblocks[4].activations[0].upsample.filter.mul_(0.5)
    rows["written to later"] = _upsampled(model)
    return rows


def _vocoder(bigvgan: Any) -> Any:
    torch.manual_seed(0)
    sizes: dict[str, Any] = {"num_mels": 8, "upsample_initial_channel": 32, "resblock": "1"}
    sizes |= {"upsample_rates": [4, 2], "upsample_kernel_sizes": [8, 4]}
    sizes |= {"resblock_kernel_sizes": [3, 7, 11], "resblock_dilation_sizes": [[1, 3, 5]] * 3}
    sizes |= {"activation": "snakebeta", "snake_logscale": True}
    model = bigvgan.BigVGAN(bigvgan.AttrDict(sizes)).eval()
    for name, weight in model.named_parameters():
        if name.endswith(("alpha", "beta")):
            nn.init.normal_(weight)
    return model


def _upsampled(model: Any, dtype: Any = torch.float32, gradients: bool = False) -> list[Any]:
    """True for equal bits, and the upsamplings with the helper and without."""
    mel, outs, counts = torch.randn(1, 8, 20).to(dtype), [], [0, 0]
    functions, convolution = torch.nn.functional, torch.nn.functional.conv_transpose1d
    for way, switch in enumerate(("1", "0")):
        os.environ["TTSOPT_SHARED_UPSAMPLING"] = switch

        def counting(*args: Any, way: int = way, **kwargs: Any) -> Any:
            counts[way] += 1
            return convolution(*args, **kwargs)

        functions.conv_transpose1d = counting
        with torch.set_grad_enabled(gradients):
            outs.append(model(mel).detach())
    functions.conv_transpose1d = convolution
    return [bool(torch.equal(*outs)), counts]


class Holder:
    """In the place of IndexTTS2: a model that merges emotions."""

    def __init__(self) -> None:
        self.gpt, self.dtype, self.runs = nn.Linear(4, 4).eval(), torch.float32, 0

    def merged(self, speaker: Any, emotion: Any, alpha: float) -> Any:
        """As the checkout asks."""

        def merge() -> Any:
            self.runs += 1
            one, other = (self.gpt(x.mean(dim=1)) for x in (speaker, emotion))
            return one + alpha * (other - one)

        helper: Any = import_module("ttsopt_kept_emotion")
        return helper.kept_emotion(self, speaker, emotion, alpha, merge)


def emotion() -> dict[str, Any]:
    """Count how often a vector is computed, over voices, strengths, writes, models and modes."""
    holder, rows = Holder(), dict[str, Any]()
    one, other = torch.randn(1, 9, 4), torch.randn(1, 7, 4)
    with torch.no_grad():
        first = holder.merged(one, other, 1.0)
        kept = first.clone()
        first.zero_()
        rows["same"] = [bool(torch.equal(holder.merged(one, other, 1.0), kept)), holder.runs]
        holder.merged(one, other, 1.0).zero_()
        rows["copies"] = [bool(torch.equal(holder.merged(one, other, 1.0), kept)), holder.runs]
        rows |= _changed(holder, one, other)
        before = holder.runs
        holder.merged(other, one, 0.5)
        rows["kept"] = holder.runs - before
        again = copy.deepcopy(holder)
        again.merged(other, one, 0.5)
        rows["a copy"] = again.runs - holder.runs
    return {**rows, **_left_alone(holder, one, other), "counted": _counts()}


def _changed(holder: Holder, one: Any, other: Any) -> dict[str, int]:
    """Runs that each change brings."""
    rows, runs = {}, [holder.runs]

    def ask(name: str, speaker: Any = other, alpha: float = 0.5) -> None:
        emotion = other if speaker is one else one
        holder.merged(speaker, emotion, alpha)
        rows[name] = holder.runs - runs[0]
        runs[0] = holder.runs

    ask("strength", one)
    ask("swapped")
    ask("equal, another", other.clone())
    one.add_(1)
    ask("written to")
    holder.gpt = nn.Linear(4, 4).eval()
    ask("model")
    holder.dtype = torch.half
    ask("type")
    return rows


def _left_alone(holder: Holder, one: Any, other: Any) -> dict[str, int]:
    rows, before = {}, holder.runs
    for _ in range(2):
        holder.merged(other, one, 0.5)
    rows["gradients"] = holder.runs - before
    with torch.inference_mode():
        for _ in range(2):
            holder.merged(other, one.clone(), 0.5)
    rows["inference mode"] = holder.runs - before - 2
    os.environ["TTSOPT_KEPT_EMOTION"] = "off"
    with torch.no_grad():
        for _ in range(2):
            holder.merged(other, one, 0.5)
    rows["off"] = holder.runs - before - 4
    return rows


def _counts() -> dict[str, int]:
    found: dict[str, int] = import_module("ttsopt_kept_emotion").cache_counts()
    return found


def conditioning() -> dict[str, Any]:
    """A checkout's own encoders of a voice with and without: bits, and what was answered from what was kept."""
    torchaudio = MagicMock(__spec__=ModuleSpec("torchaudio", None))
    sys.modules["torchaudio"] = torchaudio  # its extension may not load beside this torch
    rows: dict[str, Any] = {}
    for name in ("model", "model_v2"):
        voice: Any = import_module(f"indextts.gpt.{name}").UnifiedVoice
        for dtype in (torch.float32, torch.float64):
            for seed in (0, 1):
                torch.manual_seed(seed)
                model = voice(**_gpt(name)).eval().to(dtype)
                voices = [torch.randn(1, 1024 if name == "model_v2" else 100, 40) for _ in "ab"]
                key = f"{name} {str(dtype).rpartition('.')[2]} {seed}"
                rows[key] = _asked(model, [one.to(dtype) for one in voices])
    return {**rows, "vocoder": _vocoder_knows_voices()}


def _vocoder_knows_voices() -> bool:
    ecapa: Any = import_module("indextts.BigVGAN.ECAPA_TDNN")
    encoder = ecapa.ECAPA_TDNN(100, lin_neurons=16).eval()
    encoder.get_conditioning = lambda voice, _: encoder(voice.transpose(1, 2))
    first, second = torch.randn(1, 100, 40), torch.randn(1, 100, 40)
    with torch.no_grad():
        return all(_both(encoder, one) for one in (first, first, second, first))


def _gpt(name: str) -> dict[str, Any]:
    small: dict[str, Any] = {"output_size": 32, "linear_units": 64, "attention_heads": 2}
    small |= {"num_blocks": 2, "input_layer": "conv2d2", "perceiver_mult": 2}
    sizes: dict[str, Any] = {"layers": 1, "model_dim": 64, "heads": 2, "number_text_tokens": 30}
    sizes |= {"condition_type": "conformer_perceiver", "condition_module": small}
    return sizes | ({"emo_condition_module": small} if name == "model_v2" else {})


def _asked(model: Any, voices: list[Any]) -> list[Any]:
    """Equal bits over voices in turn, a result that was written to, a changed weight; hits and misses of it."""
    helper: Any = sys.modules[next(name for name in sys.modules if name.endswith(CONDITIONING))]
    before, equal = helper.cache_counts(), []
    first, second = voices
    with torch.no_grad():
        equal += [_both(model, one) for one in (first, first, second, second.clone(), first)]
        model.get_conditioning(first, _length(first)).zero_()
        equal.append(_both(model, first))
        next(model.conditioning_encoder.parameters()).mul_(1.5)
        equal += [_both(model, first), _both(copy.deepcopy(model), first)]
    after = helper.cache_counts()
    with torch.inference_mode():
        equal.append(_both(model, first))
    return [all(equal), after["hits"] - before["hits"], after["misses"] - before["misses"]]


def _both(model: Any, voice: Any) -> bool:
    os.environ["TTSOPT_KEPT_CONDITIONING"] = "1"
    ours = model.get_conditioning(voice, _length(voice))
    os.environ["TTSOPT_KEPT_CONDITIONING"] = "0"
    theirs = model.get_conditioning(voice, _length(voice))
    os.environ["TTSOPT_KEPT_CONDITIONING"] = "1"
    return bool(torch.equal(ours, theirs)) and bool(ours.abs().sum() > 0)


def _length(voice: Any) -> Any:
    return torch.tensor([voice.shape[-1]])


if __name__ == "__main__":
    sys.path[:0] = [str(Path(one)) for one in sys.argv[1:-1] if one]
    print(json.dumps(globals()[sys.argv[-1]]()))  # noqa: T201
