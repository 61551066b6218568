"""Multiply by the rows of Tacotron's mel projection that a step of the decoder keeps, and leave out the others.

A step makes `r` frames of `max_r` that the weight has rows for. The rows are read through a view of the weight, so
that nothing is copied or kept: a weight that is loaded anew or trained counts at once.

TTSOPT_MEL_PROJECTION=0 in the environment brings the whole product back, at any time; so do a GPU, where
reading `r` would wait for it, and a projection of another kind.

Laid out by ttsopt; needs Python 3.8 and torch 1.13.
"""

import os

import torch

SWITCH = "TTSOPT_MEL_PROJECTION"
_OFF = {"0", "off", "no", "false"}


def project_kept(decoder, x):
    """(batch, width) -> (batch, n_mels * max_r), as `decoder.mel_proj(x)`, with 0 in the frames from `r` on."""
    projection = decoder.mel_proj
    if not _is_known(decoder, projection, x) or os.environ.get(SWITCH, "").strip().lower() in _OFF:
        return projection(x)
    r, most = int(decoder.r), decoder.max_r
    weight = projection.weight.t().view(-1, decoder.n_mels, most)
    rows = weight[:, :, :r].permute(2, 0, 1)  # (r, width, n_mels), with the strides of the weight
    frames = torch.bmm(x.expand(r, -1, -1), rows).permute(1, 2, 0)
    return torch.nn.functional.pad(frames, (0, most - r)).view(x.size(0), -1)


def _is_known(decoder, projection, x):
    """True on a CPU, for a linear layer without bias that nobody listens to, and an r below max_r."""
    return (
        x.device.type == "cpu"
        and isinstance(projection, torch.nn.Linear)
        and projection.bias is None
        and projection.weight.is_contiguous()
        and projection.weight.shape[0] == decoder.n_mels * decoder.max_r
        and not projection._forward_hooks  # noqa: SLF001 - they have no public name
        and not projection._forward_pre_hooks  # noqa: SLF001
        and 0 < int(decoder.r) < decoder.max_r
    )
