"""Where an environment has its packages, read from its folders: its interpreter is not run."""

from __future__ import annotations

import os
import re
from pathlib import Path

from ttsopt.boundary.reading import read_bytes
from ttsopt.environment.interpreter import ENVIRONMENT_MARKS, Interpreter
from ttsopt.errors import CannotRunError

_PROGRAMS = frozenset({"bin", "Scripts"})
_LIBRARIES = ("lib", "lib64")
_VERSION = re.compile(rb"^version(?:_info)?\s*=\s*(\d+\.\d+)", re.MULTILINE)
_MOST_BYTES = 64 * 1024  # of a pyvenv.cfg, which has five lines


def read_search_path(interpreter: Interpreter) -> tuple[Path, ...]:
    """Return the site-packages folders of the environment that an interpreter lies in, links resolved.

    An environment that lies in somebody's checkout says which program its python is, and that is not run unasked.
    What its `.pth` files and `include-system-site-packages` add is not looked at.

    Raises:
        CannotRunError: `python-not-named`: it is no environment, has packages for several versions of Python, or
            keeps them elsewhere: only the interpreter could tell.
    """
    prefix = _prefix(interpreter.path)
    if not any((prefix / mark).exists() for mark in ENVIRONMENT_MARKS):
        raise _not_named(interpreter, "it is not that of an environment")
    folders = _folders(prefix)
    if len({folder.parent.name for folder in folders}) > 1:
        folders = [folder for folder in folders if folder.parent.name == _version(prefix)]
    real = dict.fromkeys(Path(os.path.realpath(folder)) for folder in folders)
    if not real or not all(path.is_relative_to(os.path.realpath(prefix)) for path in real):
        raise _not_named(interpreter, "its site-packages folder cannot be told")
    return tuple(real)


def _prefix(python: Path) -> Path:
    """The environment: above `bin`; on Windows a conda environment has its python at its top."""
    return python.parents[1] if python.parent.name in _PROGRAMS else python.parent


def _folders(prefix: Path) -> list[Path]:
    inside = [
        row for name in _LIBRARIES for row in sorted((prefix / name).glob("py*/site-packages"))
    ]
    return [row for row in (*inside, prefix / "Lib" / "site-packages") if row.is_dir()]


def _version(prefix: Path) -> str:
    """The name of the library folder of the Python that `pyvenv.cfg` tells of."""
    file = prefix / "pyvenv.cfg"
    try:
        found = _VERSION.search(read_bytes(file, _MOST_BYTES))
    except OSError:
        return ""
    return f"python{found[1].decode()}" if found else ""


def _not_named(interpreter: Interpreter, why: str) -> CannotRunError:
    message = f"{interpreter.path} ({interpreter.reason}) is not run unless it is named, and {why}"
    hint = f"If it is to be run, name it: --python {interpreter.path}"
    return CannotRunError("python-not-named", message, hint)
