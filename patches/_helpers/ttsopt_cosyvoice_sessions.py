"""Open an ONNX model once for all front ends of a process that want it with the same options.

Laid out by ttsopt beside the file that uses it; needs Python 3.8 and onnxruntime. TTSOPT_SHARED_SESSIONS=0 in the
environment opens every model anew. A session that nobody holds any more is closed, as ever.
"""

import os
import threading
import weakref
from pathlib import Path

import onnxruntime

SWITCH = "TTSOPT_SHARED_SESSIONS"
_OFF = {"0", "off", "no", "false"}
_SIMPLE = (bool, int, float, str, type(None))
_LOCK = threading.Lock()
_OPEN = weakref.WeakValueDictionary()


def shared_session(model, sess_options=None, providers=None, *more, **others):
    """`onnxruntime.InferenceSession`, or the one that is open for this file, these options and providers.

    A session may be run from several threads at once (ONNX Runtime's documentation of `Run`). One with further
    arguments, such as options of its providers, is opened anew.
    """
    key = None if more or others else _key(model, sess_options, providers)
    if key is None:
        return onnxruntime.InferenceSession(model, sess_options, providers, *more, **others)
    with _LOCK:
        session = _OPEN.get(key)
        if session is None:
            session = onnxruntime.InferenceSession(
                model, sess_options=sess_options, providers=providers
            )
            _OPEN[key] = session
        return session


def _key(model, options, providers):
    """Return what tells one session from another; None where sessions are not to be shared."""
    off = os.environ.get(SWITCH, "").strip().lower() in _OFF
    if off or not isinstance(model, (str, os.PathLike)):
        return None
    try:
        path = Path(model).resolve()
        file = path.stat()
    except OSError:
        return None
    identity = (str(path), file.st_dev, file.st_ino, file.st_size, file.st_mtime_ns)
    return (identity, _settings(options), repr(providers))


def _settings(options):
    """All that can be read of session options: numbers, texts and enumerations."""
    if options is None:
        return ()
    values = ((name, getattr(options, name)) for name in dir(options) if not name.startswith("_"))
    return tuple(
        (name, str(value))
        for name, value in values
        if isinstance(value, _SIMPLE) or type(value).__module__.startswith("onnxruntime")
    )
