"""Run a function under float16 autocast on a CUDA GPU; its arrays come back as float32, as ever.

Laid out by ttsopt beside the file that uses it; needs Python 3.8, torch and numpy. Without a CUDA GPU of compute
capability 7.0 or newer (those have tensor cores) the function runs as shipped, and so it does with
TTSOPT_AUTOCAST=0 in the environment, which is read at every call. Where float16 makes numbers that are none (an
overflow), the call is made again in float32, all later ones too, and that is said once on stderr.
"""

import functools
import os
import sys

import numpy as np
import torch

SWITCH = "TTSOPT_AUTOCAST"
_OFF = {"0", "off", "no", "false"}

__ttsopt_fallbacks__ = []  # what fell back and why: ttsopt's benchmark reads it


def half_on_cuda(function):
    """Decorate a function that returns an array, or a list or tuple with arrays in it."""
    given_up = []

    @functools.wraps(function)
    def run(*args, **kwargs):
        if given_up or not _wanted():
            return function(*args, **kwargs)
        with _autocast():
            made = function(*args, **kwargs)
        if _finite(made):
            return _float32(made)
        given_up.append(True)
        _say(function.__name__)
        return function(*args, **kwargs)

    return run


def _wanted():
    if os.environ.get(SWITCH, "").strip().lower() in _OFF or not torch.cuda.is_available():
        return False
    return torch.cuda.get_device_capability() >= (7, 0)


def _autocast():
    """Of CUDA's operations alone: a model that was put on the CPU stays as it is. torch.autocast: since 1.10."""
    if hasattr(torch, "autocast"):
        return torch.autocast("cuda", dtype=torch.float16)
    return torch.cuda.amp.autocast()


def _finite(made):
    if isinstance(made, (list, tuple)):
        return all(map(_finite, made))
    return not isinstance(made, np.ndarray) or bool(np.isfinite(made).all())


def _float32(made):
    """The same with its float16 arrays as float32: soundfile writes no float16."""
    if isinstance(made, (list, tuple)):
        return type(made)(map(_float32, made))
    is_half = isinstance(made, np.ndarray) and made.dtype == np.float16
    return made.astype(np.float32) if is_half else made


def _say(name):
    text = "float16 overflowed in %s: it runs in float32, as shipped" % name
    __ttsopt_fallbacks__.append(text)
    sys.stderr.write("ttsopt: " + text + "\n")
