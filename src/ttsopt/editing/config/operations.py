"""The operations on config files: for each the files it reads, what it finds, what is wrong with its values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ttsopt.domain.edits import SetToml, SetYaml
from ttsopt.domain.patch import Edit
from ttsopt.editing.checking import WrongCode
from ttsopt.editing.config.text import Look
from ttsopt.editing.config.toml_edit import TomlSource, check_toml, set_toml
from ttsopt.editing.config.yaml_edit import check_yaml, set_yaml
from ttsopt.editing.config.yaml_source import YamlSource


@dataclass(frozen=True, slots=True)
class ConfigOperation:
    """A kind of edit; `look` takes a file of type `source` and an edit."""

    kind: type[SetYaml | SetToml]
    source: type[YamlSource | TomlSource]
    look: Callable[[Any, Any], Look]
    check: Callable[[Any], WrongCode]


_ALL = (
    ConfigOperation(SetYaml, YamlSource, set_yaml, check_yaml),
    ConfigOperation(SetToml, TomlSource, set_toml, check_toml),
)
CONFIG_OPERATIONS: Mapping[type[Edit], ConfigOperation] = {one.kind: one for one in _ALL}
