"""Tell whether an exported part of a model can be used here: a GPU, the file, and the package that runs it.

Laid out by ttsopt beside the file that uses it; needs Python 3.8 and torch. TTSOPT_EXPORTED=0 in the environment
says no to every file.
"""

import importlib.util
import os
from pathlib import Path

import torch

SWITCH = "TTSOPT_EXPORTED"
_OFF = {"0", "off", "no", "false"}


def exported(file, package=""):
    """Return True if `file` is there and not empty, with a GPU and, if one is named, an installed `package`."""
    if os.environ.get(SWITCH, "").strip().lower() in _OFF or not torch.cuda.is_available():
        return False
    if package and importlib.util.find_spec(package) is None:
        return False
    path = Path(file)
    return path.is_file() and path.stat().st_size > 0
