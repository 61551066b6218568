"""Installed: from the name of a package and an interpreter to the folder, and the files in it, that are meant."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from ttsopt.errors import CannotRunError

if TYPE_CHECKING:
    from ttsopt.checkout.state.location import Checkout
    from ttsopt.domain.journal import Journal
    from ttsopt.environment.installed import Installed
    from ttsopt.environment.interpreter import Interpreter


@dataclass(frozen=True, slots=True)
class Workplace:
    """Where a command works: a folder, or an installed package's part of one.

    `only` are the package's own files, relative to `directory`; None: all that is in the folder counts.
    `python` is the interpreter that imports it.
    """

    directory: Path
    only: frozenset[str] | None = None
    installed: Installed | None = None
    python: Path | None = None


def installed_place(name: str, python: str = "") -> Workplace:
    """The package of that name that `python` imports; by default the interpreter of the current folder.

    An interpreter that was not named is not run, unless it is the one that runs already: its packages are read.

    Raises:
        UsageError: No name of a package.
        CannotRunError: No such interpreter, one that does not answer or would have to be named, or the package is
            not installed there.
        RefusedError: It is installed, but has no plain files of its own there.
    """
    from ttsopt.environment.installed import find_installed, search_path
    from ttsopt.environment.interpreter import find_interpreter
    from ttsopt.environment.site_packages import read_search_path

    interpreter = find_interpreter([Path.cwd()], python)
    may_run = bool(python) or interpreter.path == Path(sys.executable)
    path = search_path(interpreter.path) if may_run else read_search_path(interpreter)
    installed = find_installed(name, path)
    if installed is None:
        raise _not_installed(name, interpreter, path)
    return Workplace(installed.folder, installed.files, installed, interpreter.path)


def concerns(only: frozenset[str] | None, paths: Iterable[str]) -> bool:
    """Return True if a patch that changes `paths` (from the folder asked about) is meant.

    It is where one of them is among the files, or lies beside one: a newer version may not have that file any
    more. Beside, in site-packages itself, lies everybody.
    """
    if only is None:
        return True
    folders = {str(PurePosixPath(path).parent) for path in only} - {"."}
    return any(path in only or str(PurePosixPath(path).parent) in folders for path in paths)


def part_of(journal: Journal, checkout: Checkout, only: frozenset[str] | None) -> Journal:
    """Return what a journal has on a package: its patches, and the files of those."""
    if only is None:
        return journal
    here = checkout.from_directory
    patches = tuple(row for row in journal.patches if concerns(only, map(here, row.splices)))
    paths = {path for row in patches for path in row.splices}
    return replace(
        journal, patches=patches, files=tuple(row for row in journal.files if row.path in paths)
    )


def _not_installed(name: str, interpreter: Interpreter, path: Sequence[Path]) -> CannotRunError:
    python = interpreter.path
    message = f"{name} is not installed for {python} ({interpreter.reason})"
    patched = [folder for folder in path if _has_state(folder)]
    hint = (
        f"What ttsopt did before is still on record: `ttsopt rollback {patched[0]}` clears it away."
        if patched
        else f"Install it: {python} -m pip install {name}. Or name its own interpreter: --python EXE."
    )
    return CannotRunError("not-installed", message, hint)


def _has_state(folder: Path) -> bool:
    from ttsopt.checkout.state.location import Checkout

    return folder.is_dir() and Checkout(folder, folder).has_state
