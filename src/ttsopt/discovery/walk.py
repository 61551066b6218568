"""Walks over a tree that do not enter what holds no source."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from ttsopt.discovery.backups import is_backup
from ttsopt.errors import CannotRunError

SKIPPED = frozenset(
    {
        ".git",
        ".hg",
        ".svn",
        ".ttsopt",
        "__pycache__",
        "node_modules",
        ".tox",
        ".mypy_cache",
        ".pytest_cache",
        ".ruff_cache",
        ".cache",
    }
)
# Other projects' code in a checkout, and code that nobody runs to speak.
OF_OTHERS = frozenset({"third_party", "thirdparty", "vendor", "tests", "test", "site-packages"})
# What tells an environment: a file of `venv` (PEP 405), a folder of conda.
VENV = "pyvenv.cfg"
CONDA = "conda-meta"

Wanted = Callable[[str], object]


def files_named(top: Path, names: Collection[str]) -> Iterator[str]:
    """Paths relative to `top`, with forward slashes, in a stable order.

    Symbolic links are not followed, virtual environments below `top` not entered, and folders that cannot be
    read are passed over: what is not seen is not claimed.

    Raises:
        CannotRunError: `top` itself cannot be read.
    """
    yield from _walk(top, "", frozenset(names).__contains__)


def files_matching(root: Path, pattern: str) -> tuple[str, ...]:
    """Files below `root` that fit a pattern such as `**/cli/frontend.py` or `backend/*/TTS.py`, as `files_named`.

    `**/` stands for any folders or none, `*` for any run of characters in one name. Backup copies are left out.
    """
    *folders, last = pattern.split("/")
    fixed = folders.index("**") if "**" in folders else len(folders)
    starts = [""]
    for part in folders[:fixed]:
        starts = [below for start in starts for below in _below(root, start, _matcher(part))]
    wanted, whole = _matcher(last), _path_matcher(pattern)
    if fixed == len(folders):
        found = [start + name for start in starts for name in _list(root, start, wanted)[1]]
    else:
        found = [path for start in starts for path in _walk(root, start, wanted, is_backup)]
    return tuple(path for path in found if whole(path))


def python_files(root: Path, most: int) -> tuple[tuple[str, ...], bool]:
    """Python files of a system itself, at most so many from at most so many folders, and whether that is all.

    What other projects lie in it (`third_party`), backup copies and tests are left out.
    """
    found: list[str] = []
    waiting, folders_seen = [""], 0
    while waiting and len(found) < most and folders_seen < most:
        prefix = waiting.pop()
        folders, files = _list(root, prefix, _is_python)
        folders_seen += 1
        found += [prefix + name for name in files]
        own = (name for name in reversed(folders) if not (name in OF_OTHERS or is_backup(name)))
        waiting += [f"{prefix}{name}/" for name in own]
    return tuple(found[:most]), not waiting and len(found) <= most


def _is_python(name: str) -> bool:
    return name.endswith(".py")


def _below(root: Path, start: str, wanted: Wanted) -> list[str]:
    folders, _ = _list(root, start, lambda _: False)
    return [f"{start}{name}/" for name in folders if wanted(name) and not is_backup(name)]


def _matcher(part: str) -> Wanted:
    return re.compile(_one_name(part)).fullmatch


def _path_matcher(pattern: str) -> Wanted:
    parts = re.sub(r"(?:\*\*/)+", "**/", pattern).split("/")
    texts = [r"(?:[^/]+/)*" if part == "**" else _one_name(part) + "/" for part in parts]
    return re.compile("".join(texts).removesuffix("/")).fullmatch


def _one_name(part: str) -> str:
    return "[^/]*".join(map(re.escape, re.split(r"\*+", part)))


def _walk(
    top: Path, start: str, wanted: Wanted, left_out: Callable[[str], bool] | None = None
) -> Iterator[str]:
    """Depth first, the files of a folder before what lies below it, each by name; no recursion, however deep."""
    waiting = [start]
    while waiting:
        prefix = waiting.pop()
        folders, files = _list(top, prefix, wanted)
        for name in files:
            yield prefix + name
        waiting += [
            f"{prefix}{name}/" for name in reversed(folders) if not (left_out and left_out(name))
        ]


def _list(top: Path, prefix: str, wanted: Wanted) -> tuple[list[str], list[str]]:
    """Folders to enter and plain files that are wanted, both sorted.

    Data folders hold files by the ten thousand: of those, the kind that the directory itself records is asked
    for, and nothing else (no `stat`, no path, no sorting).
    """
    folders: list[str] = []
    files: list[os.DirEntry[str]] = []
    try:
        with os.scandir(f"{top}/{prefix}") as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.name)
                elif entry.name == VENV and prefix:
                    return [], []
                elif wanted(entry.name):
                    files.append(entry)
            plain = [entry.name for entry in files if entry.is_file(follow_symlinks=False)]
    except OSError as error:
        if not prefix:
            message = f"{top} cannot be read: {error.strerror}"
            raise CannotRunError("unreadable", message, "Check its permissions.") from error
        # Not readable, gone meanwhile, or its path longer than the system takes.
        return [], []
    if CONDA in folders and prefix:
        return [], []
    return sorted(set(folders) - SKIPPED), sorted(plain)
