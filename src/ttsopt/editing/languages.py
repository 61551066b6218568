"""Which language a file is in, by its name, and whether bytes are of that language."""

from __future__ import annotations

from pathlib import PurePath

CONFIG = frozenset({".yaml", ".yml", ".toml"})


def is_config(path: str) -> bool:
    """Return True if a file is told by its settings."""
    return _suffix(path) in CONFIG


def check_parses(path: str, data: bytes) -> None:
    """See that bytes are of the language that the file's name says; any other file passes.

    Raises:
        UnparsableError: They are not.
    """
    if is_config(path):
        from ttsopt.editing.config.parse import parse_config

        parse_config(path, data)
    elif _suffix(path) == ".py":
        from ttsopt.editing.python.parsing import check_python

        check_python(data)


def _suffix(path: str) -> str:
    return PurePath(path).suffix.lower()
