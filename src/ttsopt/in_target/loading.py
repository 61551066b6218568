"""Modules from their files, under private names. Loaded by worker.py, before all its other parts."""

from __future__ import annotations

import importlib.util
import sys
from typing import Any


def load_by_location(name: str, path: str) -> Any:
    """A module from its file, under a private name: a workload f5_tts.py must not shadow f5_tts.

    Compiled afresh, so that no bytecode is read or left beside it.
    """
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None:
        raise ImportError("not a Python file: %s" % path)
    module = importlib.util.module_from_spec(spec)
    with open(path, "rb") as source:
        code = compile(source.read(), path, "exec", dont_inherit=True)
    sys.modules[name] = module
    exec(code, module.__dict__)  # noqa: S102 - a file of ttsopt, or the workload asked for
    return module
