"""Leave out most blocks of F5-TTS's DiT in an evaluation whose first block has hardly changed since the last one.

`cache_blocks(model, threshold)` is called once behind the loading of a model. An evaluation runs the first
block. What that adds to its input is compared with what it added in the last evaluation that was made in full;
where it differs by less than `threshold` of its mean size, all other blocks are left out, and what they added
then is added again. At most MOST_IN_A_ROW evaluations in a row are left out, and none of those up to the second
of a sentence. The two halves of guidance are kept apart: in one batch as upstream's newer versions have them,
and in two calls of one time step.

It is an approximation, known as first-block caching; the solver's steps and their number stay. With gradients
and in training the list of blocks is as it was, and so are its names, parameters and state_dict; copies and
pickles are of the plain list. TTSOPT_BLOCK_CACHE=0 leaves everything as it is; `ttsopt_left_out` of the list of
blocks counts. Laid out by ttsopt; needs Python 3.8, torch 2.1.

Source: the first-block cache of https://github.com/chengzeyi/ParaAttention, which says how it came from
TeaCache (https://arxiv.org/abs/2411.19108).
"""

import os
import threading

import torch

if __package__:
    from .ttsopt_graphs import is_cast_or_traced, with_methods
else:
    from ttsopt_graphs import is_cast_or_traced, with_methods

SWITCH = "TTSOPT_BLOCK_CACHE"
MOST_IN_A_ROW = 3
LEAST = 3  # blocks of a list that is worth it
_PLACE = "_ttsopt_block_cache"
_OFF = {"0", "off", "no", "false"}


def cache_blocks(model, threshold):
    """Have a DiT's blocks left out where they may be; other models stay as they are; return the model."""
    blocks = getattr(getattr(model, "transformer", None), "transformer_blocks", None)
    kinds = {type(block).__name__ for block in blocks or ()}
    fits = (
        isinstance(blocks, torch.nn.ModuleList) and kinds == {"DiTBlock"} and len(blocks) >= LEAST
    )
    if fits and _PLACE not in vars(blocks):
        vars(blocks)[_PLACE] = _Cached(blocks, threshold)
        blocks.__class__ = with_methods(type(blocks), _PLACE, _as_one)
    return model


def _as_one(base):
    def each(self):
        cached = vars(self).get(_PLACE)
        is_off = os.environ.get(SWITCH, "").strip().lower() in _OFF
        if (
            cached is None
            or is_off
            or self.training
            or torch.is_grad_enabled()
            or is_cast_or_traced()
        ):
            return base.__iter__(self)
        return iter([cached])

    def left_out(self):
        return vars(self)[_PLACE].left_out

    return {"__iter__": each, "ttsopt_left_out": property(left_out)}


class _Half:
    """The last full evaluation of a half of the guidance."""

    def __init__(self, added, rest):
        self.added, self.rest = added, rest  # by the first block; by all others
        self.number = 0  # evaluations that were left out since


class _Sentence:
    """The memory of a thread while it solves one sentence."""

    def __init__(self, x, t):
        self.shape, self.first = (x.shape, x.dtype, x.device), t
        self.last, self.halves = None, {}
        self.steps = 0

    def half(self, t):
        """0 for the first call of a time step, 1 for the second."""
        is_second = self.last is not None and torch.equal(t, self.last)
        self.last = None if is_second else t
        self.steps += not is_second
        return int(is_second)


class _Cached:
    """All blocks as one; called as upstream calls a block."""

    def __init__(self, blocks, threshold):
        self.blocks, self.threshold = blocks, threshold
        self.own = threading.local()
        self.left_out = 0

    def __call__(self, x, t, mask=None, rope=None):
        """Run them on x (batch, length, width) at t (batch, width)."""
        first, *others = self.blocks._modules.values()  # noqa: SLF001 - the list's own loop gives this object
        sentence = self._sentence(x, t)
        number = sentence.half(t)
        y = first(x, t, mask=mask, rope=rope)
        added, half = y - x, sentence.halves.get(number)
        if sentence.steps > 2 and self._is_near(half, added):  # noqa: PLR2004 - the third step of a sentence
            half.number += 1
            self.left_out += 1
            return y + half.rest
        z = y
        for block in others:
            z = block(z, t, mask=mask, rope=rope)
        sentence.halves[number] = _Half(added, z - y)
        return z

    def _sentence(self, x, t):
        """The sentence that is being solved: another one where the shape is another, or time begins anew."""
        known = getattr(self.own, "sentence", None)
        shape = (x.shape, x.dtype, x.device)
        if (
            known is None
            or known.shape != shape
            or (known.steps > 1 and torch.equal(t, known.first))
        ):
            known = self.own.sentence = _Sentence(x, t)
        return known

    def _is_near(self, half, added):
        if half is None or half.number >= MOST_IN_A_ROW:
            return False
        off = (added - half.added).abs().mean() / half.added.abs().mean().clamp(min=1e-12)
        return float(off) < self.threshold
