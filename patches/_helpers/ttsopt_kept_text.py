"""Keep what a text normaliser made of a short text, for the next time that text comes.

Laid out by ttsopt beside the file that uses it; needs Python 3.8 and its standard library.
"""

import functools
import operator
import os
import threading
from collections import OrderedDict

SWITCH = "TTSOPT_KEPT_TEXT"  # 0, off, no or false in the environment turns it off, at any time
_OFF = {"0", "off", "no", "false"}
_PLACE = "_ttsopt_kept_text"
_MISSING = object()

_counts = {"hits": 0, "misses": 0}
_counting = threading.Lock()


def cache_counts():
    """How many texts were answered from what was kept, and how many had to be normalised, since the import."""
    with _counting:
        return dict(_counts)


def _count(what):
    with _counting:
        _counts[what] += 1


class _Kept:
    """The results of one object, the oldest out first. A copy of the object begins with none."""

    def __init__(self):
        self._lock = threading.Lock()
        self._state = ()
        self._results = OrderedDict()

    def __reduce__(self):
        return (_Kept, ())

    def look_up(self, key, state):
        """The result for a key, unless the object has changed since it was made."""
        with self._lock:
            if not _same(self._state, state):
                self._results.clear()
                self._state = state
            if key not in self._results:
                return _MISSING
            self._results.move_to_end(key)
            return self._results[key]

    def keep(self, key, state, result, most):
        """Keep a result that was made in this state of the object, `most` at once."""
        with self._lock:
            if _same(self._state, state):
                self._results[key] = result
                while len(self._results) > most:
                    self._results.popitem(last=False)


def kept_text(shorter_than, most):
    """Decorate a method `(self, text, ...)` that makes a text or a list of texts of a text.

    Results are kept for each object and all arguments, as long as no attribute of the object is set anew; at
    most `most` of an object. A text of `shorter_than` characters or more, whatever is no text (a generator), and
    arguments that cannot be hashed go straight through, and so does everything where the switch is off.
    """

    def decorate(method):
        @functools.wraps(method)
        def kept(self, *args, **kwargs):
            key = _key(args, kwargs, shorter_than)
            if key is None or os.environ.get(SWITCH, "").strip().lower() in _OFF:
                return method(self, *args, **kwargs)
            own = vars(self).setdefault(_PLACE, _Kept())
            state = _state(self)
            result = own.look_up(key, state)
            _count("misses" if result is _MISSING else "hits")
            if result is not _MISSING:
                return _given_out(result)
            made = method(self, *args, **kwargs)
            storable = _stored(made)
            if storable is not _MISSING and _same(state, _state(self)):
                own.keep(key, state, storable, most)
            return made

        return kept

    return decorate


def _key(args, kwargs, shorter_than):
    """All arguments with their types, for False is not 0; None where the call is not to be kept."""
    text = args[0] if args else kwargs.get("text")
    if type(text) is not str or len(text) >= shorter_than:
        return None
    named = sorted(kwargs.items())
    key = tuple((name, type(value), value) for name, value in [*enumerate(args), *named])
    try:
        hash(key)
    except TypeError:
        return None
    return key


def _state(holder):
    """The object's attributes: a tokenizer or a switch set anew makes other texts."""
    attributes = vars(holder).copy()  # in one go: another thread may set one meanwhile
    attributes.pop(_PLACE, None)
    return (*attributes, *attributes.values())


def _same(one, other):
    return len(one) == len(other) and all(map(operator.is_, one, other))


def _stored(made):
    """A result that nobody can change; what is neither a text nor a list of texts is not kept."""
    if type(made) is str:
        return made
    if type(made) is list and all(type(item) is str for item in made):
        return tuple(made)
    return _MISSING


def _given_out(result):
    """A list of its own for every caller."""
    return list(result) if isinstance(result, tuple) else result
