"""Keep the emotion vector of a voice as long as voice, emotion and strength are those of the sentence before.

Laid out by ttsopt beside the file that uses it; needs Python 3.8 and torch. TTSOPT_KEPT_EMOTION=0 in the
environment turns it off, at any time. One vector is kept for each holder. Voices are told by the tensors that
upstream keeps of them: the same objects, not written to since.
"""

import operator
import os
import threading
import weakref

import torch

SWITCH = "TTSOPT_KEPT_EMOTION"
_OFF = {"0", "off", "no", "false"}
_PLACE = "_ttsopt_kept_emotion"

_counts = {"hits": 0, "misses": 0}
_counting = threading.Lock()


def cache_counts():
    """Count the vectors that were answered from what was kept, and those that were computed, since the import."""
    with _counting:
        return dict(_counts)


class _Kept:
    """A vector and what it was made of. A copy of it is of nothing."""

    def __init__(self, model=None, tensors=(), plain=(), vector=None):
        self._objects = [weakref.ref(one) for one in (model, *tensors) if one is not None]
        self._plain = (plain, _versions(tensors))
        self.vector = vector

    def __reduce__(self):
        return (_Kept, ())

    def is_of(self, model, tensors, plain):
        """True if it was made of these."""
        there = [one() for one in self._objects]
        same = len(there) == 1 + len(tensors) and all(map(operator.is_, there, (model, *tensors)))
        return same and self._plain == (plain, _versions(tensors))


def _versions(tensors):
    """Numbers that change when somebody writes to one of them."""
    return [one._version for one in tensors]  # noqa: SLF001


def kept_emotion(holder, speaker, emotion, alpha, merge):
    """`merge()`, or a copy of what it gave the last time, if that was for this speaker, emotion and strength.

    `speaker` and `emotion` are tensors (batch, time, features), `alpha` is a number. Gradients, tensors made in
    inference mode (they do not say when they are written to) and models in training go straight through.
    """
    tensors = (speaker, emotion)
    if not _can_be_kept(holder, tensors):
        return merge()
    model, plain = holder.gpt, (alpha, getattr(holder, "dtype", None))
    kept = vars(holder).get(_PLACE)
    found = kept is not None and kept.is_of(model, tensors, plain)
    with _counting:
        _counts["hits" if found else "misses"] += 1
    if found:
        return kept.vector.clone()
    vector = merge()
    vars(holder)[_PLACE] = _Kept(model, tensors, plain, vector.detach().clone())
    return vector


def _can_be_kept(holder, tensors):
    off = os.environ.get(SWITCH, "").strip().lower() in _OFF
    if off or torch.is_grad_enabled() or holder.gpt.training:
        return False
    return not torch.is_inference_mode_enabled() and not any(one.is_inference() for one in tensors)
