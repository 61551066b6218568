"""Finds the interpreter that a checkout's own code runs in."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ttsopt.boundary.programs import find_program, is_program
from ttsopt.errors import CannotRunError

OWN_FOLDERS = (".venv", "venv", "env")
ENVIRONMENT_MARKS = ("pyvenv.cfg", "conda-meta")


@dataclass(frozen=True, slots=True)
class Interpreter:
    """An absolute path (a link stays one: it names the environment), and why it was chosen."""

    path: Path
    reason: str


def find_interpreter(
    folders: Sequence[Path], explicit: str = "", environ: Mapping[str, str] | None = None
) -> Interpreter:
    """The interpreter for a checkout: the first that exists.

    In this order: `explicit` (a path or a command; CannotRunError `python-missing` where it is not
    there or may not be run), an environment in one of `folders` (a system's root, what lies above
    it), the one in whose site-packages they lie, the active one of `environ` (VIRTUAL_ENV,
    CONDA_PREFIX), the interpreter that runs ttsopt. It is not started: `probe_interpreter` does
    that.
    """
    if explicit:
        return _named(explicit)
    around = [folder.absolute() for folder in folders]
    candidates = [
        *(found for folder in around for found in _inside(folder)),
        *(found for folder in around for found in _around(folder)),
        *_active(os.environ if environ is None else environ),
    ]
    own = Interpreter(
        Path(sys.executable), "ttsopt's own: no environment in or around the checkout"
    )
    return next(iter(candidates), own)


def _named(explicit: str) -> Interpreter:
    named = Path(explicit).expanduser()
    if named.is_dir():
        return _of_folder(explicit, named.absolute())
    # A command is looked for on PATH, as a shell does; a path is taken as it is.
    found = find_program(explicit) if named.name == explicit else named
    if found is None or not is_program(found):
        raise CannotRunError(
            "python-missing",
            f"--python {explicit}: there is no such program, or it may not be run",
            "name the python of the environment that the checkout runs in, such as .venv/bin/python",
        )
    return Interpreter(found.absolute(), "named by --python")


def _of_folder(explicit: str, folder: Path) -> Interpreter:
    found = next(_of(folder, "of the environment named by --python"), None)
    if found is None:
        raise CannotRunError(
            "python-missing",
            f"--python {explicit}: the folder holds no interpreter",
            "name an environment, or the python in it, such as .venv or .venv/bin/python",
        )
    return found


def _inside(checkout: Path) -> Iterator[Interpreter]:
    for name in OWN_FOLDERS:
        if _is_environment(checkout / name):
            yield from _of(checkout / name, f"the checkout has its own environment, {name}")


def _around(checkout: Path) -> Iterator[Interpreter]:
    """For lib/pythonX.Y/site-packages (Windows: Lib/site-packages), or a folder in it."""
    for folder in (checkout, *checkout.parents):
        if folder.name == "site-packages":
            versioned = folder.parent.name.startswith("python")
            prefix = folder.parents[2] if versioned else folder.parents[1]
            names = (folder.parent.name,) if versioned and not _is_environment(prefix) else ()
            yield from _of(prefix, "the checkout is installed in this environment", *names)


def _active(environ: Mapping[str, str]) -> Iterator[Interpreter]:
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        if environ.get(name):
            yield from _of(Path(environ[name]).absolute(), f"the active environment ({name})")


def _of(prefix: Path, reason: str, *names: str) -> Iterator[Interpreter]:
    """That of a prefix; `names` are tried first (a system's `python` may be another version)."""
    programs = [prefix / "bin" / name for name in (*names, "python", "python3")]
    programs += [prefix / "Scripts" / "python.exe", prefix / "python.exe"]
    found = next((row for row in programs if os.access(row, os.X_OK) and row.is_file()), None)
    if found:
        yield Interpreter(found, reason)


def _is_environment(folder: Path) -> bool:
    return any((folder / mark).exists() for mark in ENVIRONMENT_MARKS)
