"""The operations on config files: for each its language, what it finds, what is wrong with its values.

A language is imported for its own edits alone: reading YAML or TOML is a tenth of what planning takes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ttsopt.domain.edits import SetToml, SetYaml
from ttsopt.domain.patch import Edit

if TYPE_CHECKING:
    from ttsopt.editing.checking import WrongCode
    from ttsopt.editing.config.text import Look
    from ttsopt.editing.config.toml_edit import TomlSource
    from ttsopt.editing.config.yaml_source import YamlSource


@dataclass(frozen=True, slots=True)
class ConfigOperation:
    """A kind of edit of TOML files (`toml`) or of YAML files; `look` takes the parsed file and an edit."""

    kind: type[SetYaml | SetToml]
    toml: bool
    look: Callable[[Any, Any], Look]
    check: Callable[[Any], WrongCode]


def _look_yaml(source: YamlSource, edit: SetYaml) -> Look:
    from ttsopt.editing.config.yaml_edit import set_yaml

    return set_yaml(source, edit)


def _check_yaml(edit: SetYaml) -> WrongCode:
    from ttsopt.editing.config.yaml_edit import check_yaml

    return check_yaml(edit)


def _look_toml(source: TomlSource, edit: SetToml) -> Look:
    from ttsopt.editing.config.toml_edit import set_toml

    return set_toml(source, edit)


def _check_toml(edit: SetToml) -> WrongCode:
    from ttsopt.editing.config.toml_edit import check_toml

    return check_toml(edit)


_ALL = (
    ConfigOperation(SetYaml, toml=False, look=_look_yaml, check=_check_yaml),
    ConfigOperation(SetToml, toml=True, look=_look_toml, check=_check_toml),
)
CONFIG_OPERATIONS: Mapping[type[Edit], ConfigOperation] = {one.kind: one for one in _ALL}
