"""Entries that a snapshot takes of a tree: one walk, which laying out and fingerprinting share."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path, PurePosixPath

LEFT_OUT = frozenset({".git", ".ttsopt", "__pycache__", "node_modules"})
ENVIRONMENT_MARKS = ("pyvenv.cfg", "conda-meta")

LINK_ABOVE_BYTES = 4 * 1024 * 1024
NO_SOURCE_BYTES = 256 * 1024 * 1024
SOURCE_SUFFIXES = frozenset(
    {".py", ".pyi", ".pyx", ".pxd", ".c", ".cc", ".cpp", ".cu", ".cuh", ".h", ".hpp", ".sh"}
    | {".toml", ".yaml", ".yml", ".json", ".jsonl", ".cfg", ".ini", ".txt", ".md"}
)


class Kind(Enum):
    """Ways of an entry into a snapshot."""

    FOLDER = "folder"
    COPIED = "copied"
    LINKED_FILE = "linked file"
    LINKED_FOLDER = "linked folder"


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a snapshot: its path from the root with forward slashes, and its source."""

    path: str
    source: Path
    kind: Kind


def walk(
    root: Path, copy: tuple[str, ...], through: Collection[str] = (), leave_out: Path | None = None
) -> Iterator[Entry]:
    """Entries in a fixed order, folders before what they hold.

    `copy` names paths under `root`; empty, or `"."`, is the whole of it; a name that is not there
    is passed over. A link to a folder is an entry of its own and not entered (so a loop of links
    ends), unless its path is in `through`. `leave_out` is a folder that is never entered. OSError
    where something cannot be read.
    """
    for path in sorted(set(copy or (".",))):
        relative = PurePosixPath(path)
        if relative == PurePosixPath("."):
            yield from _inside(root, relative, through, leave_out)
        elif os.path.lexists(root / relative):
            yield from _entry(root / relative, relative, through, leave_out)


def is_large_data(path: str, size: int) -> bool:
    """True if a file is linked rather than copied: above 4 MiB, and neither code nor configuration.

    Weights and recordings are gigabytes, and nothing upstream rewrites them; what upstream rewrites
    in place (GPT-SoVITS its `tts_infer.yaml`) is small or carries one of these suffixes. What is larger by far is
    none of that, whatever its name says.
    """
    is_source = PurePosixPath(path).suffix.lower() in SOURCE_SUFFIXES
    return size > (NO_SOURCE_BYTES if is_source else LINK_ABOVE_BYTES)


def _inside(
    folder: Path, relative: PurePosixPath, through: Collection[str], leave_out: Path | None
) -> Iterator[Entry]:
    with os.scandir(folder) as listing:
        names = sorted(row.name for row in listing)
    for name in names:
        if name not in LEFT_OUT:
            yield from _entry(folder / name, relative / name, through, leave_out)


def _entry(
    source: Path, relative: PurePosixPath, through: Collection[str], leave_out: Path | None
) -> Iterator[Entry]:
    path = str(relative)
    try:
        state = source.stat()
    except (FileNotFoundError, NotADirectoryError):
        return  # a broken link
    except OSError:
        if source.is_symlink():
            return  # a link to itself
        raise
    if stat.S_ISREG(state.st_mode):
        large = is_large_data(path, state.st_size)
        yield Entry(path, source, Kind.LINKED_FILE if large else Kind.COPIED)
    elif stat.S_ISDIR(state.st_mode) and source.is_symlink() and path not in through:
        yield Entry(path, source, Kind.LINKED_FOLDER)
    elif stat.S_ISDIR(state.st_mode) and not _is_foreign(source, leave_out):
        yield Entry(path, source, Kind.FOLDER)
        yield from _inside(source, relative, through, leave_out)


def _is_foreign(folder: Path, leave_out: Path | None) -> bool:
    if leave_out is not None and folder.resolve() == leave_out:
        return True
    return any((folder / mark).exists() for mark in ENVIRONMENT_MARKS)
