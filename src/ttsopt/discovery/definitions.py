"""Definitions in a file's text: exact names, nothing parsed and nothing run."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from ttsopt.boundary.reading import read_bytes


def holds(path: Path, anchor: str) -> bool:
    """Return True if a file is there, can be read and defines `class Name` or `def name`."""
    try:
        return defines(read_bytes(path), anchor)
    except OSError:
        # A file that cannot be read proves nothing; whoever wants to edit it will say why it cannot.
        return False


def is_file(path: Path | str) -> bool:
    """True if a plain file is there, as far as its folder may be looked into and its path is not too long."""
    return os.path.isfile(path)  # noqa: PTH113 - asked a thousand times for a plan, in a third of a Path's time


def is_folder(path: Path | str) -> bool:
    """True if a folder is there, as far as that above it may be looked into."""
    return os.path.isdir(path)  # noqa: PTH112 - as above


def defines(text: bytes, anchor: str) -> bool:
    """Return True if a text has that definition, at any depth; also one that does not parse.

    `def Outer.name` is one in the body of `class Outer` (or a function), as its indentation shows.
    """
    keyword, _, name = anchor.partition(" ")
    *outer, last = name.split(".")
    bodies = [text]
    for one in outer:
        bodies = [body for part in bodies for body in _bodies(part, one)]
    return any(_definition(keyword, last).search(body) for body in bodies)


def _bodies(text: bytes, name: str) -> Iterator[bytes]:
    """Return what lies in the definitions of that name: up to the next definition that is not deeper."""
    for found in _definition("class|def", name).finditer(text):
        indent = found["indent"]
        end = re.compile(
            rb"^[ \t]{0,%d}(?:async[ \t]|class[ \t]|def[ \t]|@)" % len(indent), re.MULTILINE
        ).search(text, found.end())
        yield text[found.end() : end.start() if end else len(text)]


def _definition(keyword: str, name: str) -> re.Pattern[bytes]:
    return re.compile(
        rb"^(?:\xef\xbb\xbf)?(?P<indent>[ \t]*)(?:async[ \t]+)?(?:%s)[ \t]+%s[ \t]*[(:\[]"
        % (keyword.encode(), re.escape(name.encode())),
        re.MULTILINE,
    )
