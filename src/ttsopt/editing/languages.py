"""Which language a file is in, by its name, and whether bytes are of that language."""

from __future__ import annotations

from pathlib import PurePath

YAML = frozenset({".yaml", ".yml"})
CONFIG = YAML | {".toml"}


def is_config(path: str) -> bool:
    """Whether a file is told by its settings."""
    return _suffix(path) in CONFIG


def check_parses(path: str, data: bytes) -> None:
    """See that bytes are of the language that the file's name says; any other file passes.

    Raises:
        UnparsableError: They are not.
    """
    suffix = _suffix(path)
    if suffix == ".toml":
        from ttsopt.editing.config.toml_edit import parse_toml

        parse_toml(data)
    elif suffix in YAML:
        from ttsopt.editing.config.yaml_source import parse_yaml

        parse_yaml(data)
    elif suffix == ".py":
        from ttsopt.editing.python.parsing import check_python

        check_python(data)


def _suffix(path: str) -> str:
    return PurePath(path).suffix.lower()
