"""Keep the speaker embedding of a voice, for the next sentence in it.

The 64 voices heard last are kept while the process lives, and where a store is named (ttsopt_embedding_store.py)
beyond that, by a digest of the recording, its options and the model's weights. TTSOPT_KEPT_EMBEDDING=0 in the
environment turns it off, at any time. Laid out by ttsopt beside the file that uses it; needs Python 3.8, torch and
numpy.
"""

import functools
import hashlib
import operator
import os
import threading
from collections import OrderedDict

import numpy as np
import torch

if __package__:
    from .ttsopt_embedding_store import open_store
else:
    from ttsopt_embedding_store import open_store

SWITCH = "TTSOPT_KEPT_EMBEDDING"
_OFF = {"0", "off", "no", "false"}
_MOST = 64
_SIMPLE = (bool, int, float, str, type(None))


_counts = {"hits": 0, "misses": 0}
_counting = threading.Lock()


def cache_counts():
    """How many calls were answered from what was kept, and how many had to be computed, since the import."""
    with _counting:
        return dict(_counts)


def _count(what):
    with _counting:
        _counts[what] += 1


def kept_embedding(model, store=""):
    """Decorate a function `(wav, ...)` that makes one array of a recording with the model that `model()` gives.

    `store` are the words that `open_store` takes.

    A recording is known again by all its samples. Nothing that was made with another model is given out, or with
    the same one before its weights were loaded, trained or moved. Callers get copies. What is no array, or was
    asked for with arguments other than numbers and texts, is made anew every time.
    """

    def decorate(function):
        kept = _Kept(open_store(store))

        @functools.wraps(function)
        def embed(*args, **kwargs):
            now, key = model(), _key(args, kwargs)
            if now is None or key is None or os.environ.get(SWITCH, "").strip().lower() in _OFF:
                return function(*args, **kwargs)
            weights = _Weights(now)
            known = kept.look_up(key, weights)
            _count("misses" if known is None else "hits")
            if known is not None:
                return known.copy()
            made = function(*args, **kwargs)
            if type(made) is np.ndarray and weights.are_those_of(model()):
                kept.keep(key, weights, made.copy())
            return made

        return embed

    return decorate


class _Kept:
    """Embeddings that one model made with one set of weights, the oldest out first; behind them a store."""

    def __init__(self, store):
        self._lock, self._weights, self._made = threading.Lock(), None, OrderedDict()
        self._store = store

    def look_up(self, key, weights):
        with self._lock:
            if self._weights is None or not weights.same(self._weights):
                self._weights, self._made = weights, OrderedDict()
            known = self._made.get(key)
            if known is not None:
                self._made.move_to_end(key)
        if known is None and self._store is not None:
            known = self._store.get(self._name(key, weights))
            if known is not None:
                self._remember(key, weights, known)
        return known

    def keep(self, key, weights, made):
        self._remember(key, weights, made)
        if self._store is not None:
            self._store.put(self._name(key, weights), made)

    def _remember(self, key, weights, made):
        with self._lock:
            if weights.same(self._weights):
                self._made[key] = made
                while len(self._made) > _MOST:
                    self._made.popitem(last=False)

    def _name(self, key, weights):
        """Return what other processes know an embedding by: 64 hex digits of all that it depends on."""
        with self._lock:
            digest = (self._weights if weights.same(self._weights) else weights).digest()
        text = repr((key, torch.__version__, digest))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class _Weights:
    """The weights of a model at one time. They are held, so that no new one gets the address of an old one."""

    def __init__(self, model):
        self.own = list(model.parameters())
        self.views = [one.detach() for one in self.own]
        self.versions = [one._version for one in self.own]  # noqa: SLF001
        self._digest = None

    def same(self, other):
        """Neither another model's nor loaded, trained or moved since."""
        return (
            len(self.own) == len(other.own)
            and all(map(operator.is_, self.own, other.own))
            and all(a.data_ptr() == b.data_ptr() for a, b in zip(self.views, other.views))
            and self.versions == other.versions
        )

    def digest(self):
        """The SHA-256 of all values, worked out once for these weights."""
        if self._digest is None:
            made = hashlib.sha256()
            for one in self.views:
                made.update(repr((one.dtype, tuple(one.shape))).encode("ascii"))
                made.update(one.cpu().contiguous().numpy().tobytes())
            self._digest = made.hexdigest()
        return self._digest

    def are_those_of(self, model):
        return model is not None and self.same(_Weights(model))


def _key(args, kwargs):
    """The recording and how it is embedded; None where it is not to be kept.

    Rounding depends on the number of threads, and on a CPU on whether gradients are recorded.
    """
    if not args or type(args[0]) is not np.ndarray or args[0].dtype.hasobject:
        return None
    options = (*enumerate(args[1:]), *sorted(kwargs.items()))
    if not all(type(value) in _SIMPLE for _, value in options):
        return None
    typed = tuple((name, type(value), value) for name, value in options)
    wav, run = args[0], (torch.is_grad_enabled(), torch.get_num_threads())
    samples = hashlib.sha256(np.ascontiguousarray(wav).tobytes()).digest()
    return (samples, wav.shape, wav.dtype.str, typed, run)
