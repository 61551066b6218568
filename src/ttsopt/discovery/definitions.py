"""Definitions in a file's text: exact names, nothing parsed and nothing run."""

from __future__ import annotations

import re
from pathlib import Path


def holds(path: Path, anchor: str) -> bool:
    """Whether a file is there, can be read and defines `class Name` or `def name`."""
    try:
        return is_file(path) and defines(path.read_bytes(), anchor)
    except OSError:
        # A file that cannot be read proves nothing; whoever wants to edit it will say why it cannot.
        return False


def is_file(path: Path) -> bool:
    """Whether a file is there, as far as its folder may be looked into."""
    try:
        return path.is_file()
    except PermissionError:
        return False


def defines(text: bytes, anchor: str) -> bool:
    """Whether a text has that definition, at any depth; also one that does not parse."""
    keyword, _, name = anchor.encode().partition(b" ")
    pattern = (
        rb"^(\xef\xbb\xbf)?[ \t]*(async[ \t]+)?"
        + re.escape(keyword)
        + rb"[ \t]+"
        + re.escape(name)
        + rb"[ \t]*[(:\[]"
    )
    return re.search(pattern, text, re.MULTILINE) is not None
