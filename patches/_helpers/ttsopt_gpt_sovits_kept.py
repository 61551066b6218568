"""Keep what a model of GPT-SoVITS made of the voice to clone, for the next fragment of a text.

TTSOPT_KEPT_VOICE=0 in the environment turns it off, at any time. Where the weights cannot be watched for changes,
everything is computed as before, which is said once on stderr.
A result on a GPU is given out on the CUDA stream alone that it was computed on: another one would not wait for it.
Laid out by ttsopt beside the file that uses it; needs Python 3.8 and the torch that is there.
"""

import functools
import os
import sys
import threading

import torch

SWITCH = "TTSOPT_KEPT_VOICE"
MOST = 8  # voices of one model
_OFF = {"0", "off", "no", "false"}
_PLACE = "_ttsopt_kept_voices"
_said = set()


_counts = {"hits": 0, "misses": 0}
_counting = threading.Lock()


def cache_counts():
    """How many calls were answered from what was kept, and how many had to be computed, since the import."""
    with _counting:
        return dict(_counts)


def _count(what):
    with _counting:
        _counts[what] += 1


class _Voices:
    """Results of one model, the one that was not asked for the longest out first. A copy of the model has none."""

    def __init__(self):
        self._lock = threading.Lock()
        self._weights = ()
        self._rows = []  # inputs, the streams that made the row, results

    def __reduce__(self):
        return (_Voices, ())

    def look_up(self, weights, inputs):
        """Copies of the results for equal inputs, None without; other weights forget everything."""
        with self._lock:
            if self._weights != weights:
                self._weights, self._rows = weights, []
            for index, (known, where, results) in enumerate(self._rows):
                if _are_current(where) and all(map(_equal, known, inputs)):
                    self._rows.append(self._rows.pop(index))
                    return _cloned(results)
        return None

    def keep(self, weights, inputs, results):
        """Keep results that these weights made."""
        row = _cloned(inputs), _streams((*inputs, *results)), _cloned(results)
        with self._lock:
            if self._weights == weights:
                self._rows = [*self._rows, row][-MOST:]


def kept_encoding(method):
    """Decorate `decode_encp(self, codes, text, refer, ge, ...)`: kept is the call of three, that for the voice."""

    @functools.wraps(method)
    def decode_encp(self, *inputs, **options):
        if len(inputs) != 3 or options or self.training:  # noqa: PLR2004 - codes, text, refer
            return method(self, *inputs, **options)
        return _kept(self, self, inputs, lambda: method(self, *inputs))

    return decode_encp


def kept_embedding(method):
    """Decorate `compute_embedding3(self, wav)`, a speaker's embedding by `self.embedding_model`."""

    @functools.wraps(method)
    def compute_embedding(self, wav):
        def make():
            return (method(self, wav),)

        return _kept(self, self.embedding_model, (wav,), make)[0]

    return compute_embedding


def _kept(owner, model, inputs, make):
    """Return what `make` gives for these tensors, from memory where it was given before."""
    if os.environ.get(SWITCH, "").strip().lower() in _OFF or not all(map(torch.is_tensor, inputs)):
        return make()
    try:
        weights = _weights(model)
    except RuntimeError as error:  # of torch: tensors made in inference mode count no changes
        _say_once("its weights cannot be watched (%s): every fragment computes the voice" % error)
        return make()
    voices = vars(owner).setdefault(_PLACE, _Voices())
    results = voices.look_up(weights, inputs)
    _count("misses" if results is None else "hits")
    if results is None:
        results = make()
        voices.keep(weights, inputs, results)
    return results


def _weights(model):
    """Return what tells that a weight was replaced, converted, moved or written to."""
    return tuple(
        (one.data_ptr(), one._version, one.dtype)  # noqa: SLF001 - torch's counter of writes
        for one in model.parameters()
    )


def _streams(tensors):
    """Of each device of these tensors the CUDA stream that this thread queues its work on now."""
    devices = {one.device for one in tensors if one.device.type == "cuda"}
    return {device: torch.cuda.current_stream(device) for device in devices}


def _are_current(streams):
    return all(torch.cuda.current_stream(device) == stream for device, stream in streams.items())


def _cloned(tensors):
    return tuple(one.clone() for one in tensors)


def _equal(one, other):
    kinds = (one.shape, one.dtype, one.device) == (other.shape, other.dtype, other.device)
    return kinds and torch.equal(one, other)


def _say_once(text):
    if text not in _said:
        _said.add(text)
        sys.stderr.write("ttsopt_gpt_sovits_kept: %s\n" % text)
