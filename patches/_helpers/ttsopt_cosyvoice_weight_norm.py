"""Compute the weights of a vocoder once that weight norm computes in every call.

Laid out by ttsopt beside the file that uses it; needs Python 3.8 and torch. TTSOPT_FOLDED_WEIGHT_NORM=0 in the
environment leaves every layer as it is. A layer that cannot be folded stays as it is, too, which is said once.
"""

import os
import sys

import torch

SWITCH = "TTSOPT_FOLDED_WEIGHT_NORM"
_OFF = {"0", "off", "no", "false"}
__ttsopt_fallbacks__ = []


def fold_weight_norm(vocoder):
    """Give every convolution of a loaded vocoder its plain weight, the same bits; the number of those folded.

    CosyVoice 3 turns its pitch predictor to float64 when it speaks, from float32 directions and gains: it is
    turned before it is folded, for a weight that was rounded to float32 first would be another.
    """
    if os.environ.get(SWITCH, "").strip().lower() in _OFF:
        return 0
    if type(vocoder).__name__.startswith("Causal") and hasattr(vocoder, "f0_predictor"):
        vocoder.f0_predictor.to(torch.float64)
    try:
        return sum(_fold(part) for part in list(vocoder.modules()))
    except Exception as error:  # noqa: BLE001 - a slower vocoder beats none
        _say("weight norm stays: %s: %s" % (type(error).__name__, error))
        return 0


def _fold(part):
    """Of both kinds: a parametrization (torch 2.0 and newer), or a hook that sets `weight` before each call."""
    parametrized = getattr(part, "parametrizations", {})
    new = list(parametrized["weight"]) if "weight" in parametrized else []
    for norm in new + list(part._forward_pre_hooks.values()):  # noqa: SLF001
        if type(norm).__name__ == "_WeightNorm":
            torch.nn.utils.parametrize.remove_parametrizations(part, "weight")
        elif type(norm).__name__ == "WeightNorm":
            torch.nn.utils.remove_weight_norm(part)
        else:
            continue
        _load_folded(part, norm.dim)
        return 1
    return 0


def _load_folded(part, dim):
    """Let directions and gains be loaded again, as they are stored."""

    def fold_loaded(state, prefix, *_):
        names = ("parametrizations.weight.original0", "parametrizations.weight.original1")
        for gain, direction in (names, ("weight_g", "weight_v")):
            if prefix + gain in state and prefix + direction in state:
                pair = state.pop(prefix + direction), state.pop(prefix + gain)
                # on the layer's device and in its type, as if it had not been folded
                pair = [one.to(part.weight.device, part.weight.dtype) for one in pair]
                weight = torch._weight_norm(*pair, -1 if dim is None else dim)  # noqa: SLF001
                state[prefix + "weight"] = weight

    # that of the parametrization goes: it renames what is no more there
    part._load_state_dict_pre_hooks.clear()  # noqa: SLF001
    part._register_load_state_dict_pre_hook(fold_loaded)  # noqa: SLF001


def _say(sentence):
    __ttsopt_fallbacks__.append(sentence)
    sys.stderr.write("ttsopt: %s\n" % sentence)
