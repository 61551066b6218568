"""A config file read by the language that its name says. Each reader is imported for its own files alone."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ttsopt.editing.config.toml_edit import TomlSource
    from ttsopt.editing.config.yaml_source import YamlSource


def parse_config(path: str, raw: bytes) -> YamlSource | TomlSource:
    """A TOML file as such, any other as YAML.

    Raises:
        UnparsableError: It is not of that language.
    """
    if is_toml(path):
        from ttsopt.editing.config.toml_edit import parse_toml

        return parse_toml(raw)
    from ttsopt.editing.config.yaml_source import parse_yaml

    return parse_yaml(raw)


def is_toml(path: str) -> bool:
    """True for a TOML file, by its name."""
    return PurePath(path).suffix.lower() == ".toml"
