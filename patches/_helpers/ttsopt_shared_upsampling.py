"""Upsample what several residual blocks begin with once, not once for each of them.

Laid out by ttsopt beside the file that uses it; needs Python 3.8 and torch. TTSOPT_SHARED_UPSAMPLING=0 in the
environment turns it off, at any time.

An anti-aliased activation upsamples, applies Snake and downsamples. The blocks of a BigVGAN stage begin with such
a one, each with a Snake of its own, all on the same tensor. The upsampled tensor is kept on that tensor and goes
with it. Left alone: gradients, fused CUDA kernels, other classes, filters with other values, modules with hooks.
"""

import os

import torch

SWITCH = "TTSOPT_SHARED_UPSAMPLING"
_OFF = {"0", "off", "no", "false"}
_PLACE = "_ttsopt_upsampled"
_CHECKED = "_ttsopt_same_filter"
_SNAKES = {"Snake", "SnakeBeta"}  # they write into no tensor that they are given


def share_upsampling(x):
    """Let the activations that get `x` (batch, channels, time) share its upsampling; nobody may write to it."""
    if not torch.is_grad_enabled() and os.environ.get(SWITCH, "").strip().lower() not in _OFF:
        setattr(x, _PLACE, [])


def activated(activation, x):
    """`activation(x)`, bit for bit; upsampled once where `x` is to share that."""
    shared = getattr(x, _PLACE, None)
    if shared is None or not _is_known(activation):
        return activation(x)
    if not shared:
        shared.append((activation.upsample, activation.upsample(x)))
    first, upsampled = shared[0]
    if not _are_alike(first, activation.upsample):
        return activation(x)
    return activation.downsample(activation.act(upsampled))


def _is_known(activation):
    """True of upsampling, Snake and downsampling in this order, of torch's own operations."""
    names = [type(activation).__name__, type(getattr(activation, "upsample", None)).__name__]
    plain = names == ["Activation1d", "UpSample1d"] and not getattr(activation, "fused", False)
    return plain and type(activation.act).__name__ in _SNAKES and not _is_watched(activation)


def _is_watched(activation):
    modules = (activation, activation.upsample)
    return any(one._forward_hooks or one._forward_pre_hooks for one in modules)  # noqa: SLF001


def _are_alike(first, other):
    """True of two upsamplings with the same filter, compared once until one of the filters is set anew."""
    if first is other:
        return True
    stamp = (_stamp(first.filter), _stamp(other.filter))
    known = vars(other).get(_CHECKED)
    if known is None or known[0] != stamp:
        known = vars(other)[_CHECKED] = (
            stamp,
            _sizes(first) == _sizes(other) and _equal(first, other),
        )
    return known[1]


def _equal(first, other):
    return bool(torch.equal(first.filter, other.filter))


def _sizes(one):
    return (
        one.ratio,
        one.stride,
        one.pad,
        one.pad_left,
        one.pad_right,
        one.filter.dtype,
        one.filter.device,
    )


def _stamp(tensor):
    """Numbers of which one changes when a tensor is replaced or written to."""
    version = 0 if tensor.is_inference() else tensor._version  # noqa: SLF001
    return (id(tensor), tensor.data_ptr(), version)
