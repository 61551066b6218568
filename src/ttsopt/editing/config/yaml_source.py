"""A YAML file as composed documents, and the way to a dotted key in them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.reader import ReaderError

from ttsopt.boundary.parsing import compose_yaml
from ttsopt.editing.config.text import UTF_8_OR_16, ConfigText, RefusedError, decode_config
from ttsopt.editing.config.yaml_value import canonical
from ttsopt.editing.unparsable import UnparsableError

MERGE = "tag:yaml.org,2002:merge"


@dataclass(frozen=True, slots=True)
class YamlSource:
    """A YAML file: its text and the root of every document in it that is not empty."""

    config: ConfigText
    roots: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """The nodes on the way to a key, and how many parts of the key are left where the way ends early."""

    way: tuple[Node, ...]
    left: int = 0

    @property
    def value(self) -> Node:
        """The node that the way ends at."""
        return self.way[-1]


@lru_cache(maxsize=8)
def parse_yaml(raw: bytes) -> YamlSource:
    """Read a file's bytes as YAML.

    Raises:
        UnparsableError: They are no text in UTF-8 or UTF-16, or no YAML as PyYAML reads it.
    """
    config = decode_config(raw, UTF_8_OR_16)
    return YamlSource(config, compose_all(config.text))


def compose_all(text: str) -> tuple[Node, ...]:
    """The documents of a text that are not empty.

    Raises:
        UnparsableError: It is no YAML.
    """
    try:
        return compose_yaml(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise UnparsableError(f"not valid YAML: {error.problem or error.context}", line) from error
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise UnparsableError(f"not valid YAML: {error.reason}", line) from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise UnparsableError(f"not valid YAML: {error}") from error


def locate(root: Node, parts: tuple[str, ...]) -> Place:
    """The way to a key as far as it goes; merges are not followed.

    Raises:
        RefusedError: A key on the way is there twice.
    """
    way = [root]
    for depth, part in enumerate(parts):
        child = _child(way[-1], part)
        if child is None:
            return Place(tuple(way), len(parts) - depth)
        way.append(child)
    return Place(tuple(way))


def merges(node: Node, part: str) -> bool:
    """Return True if a mapping gets a key from another one, by `<<`."""
    return isinstance(node, MappingNode) and any(
        isinstance(key, ScalarNode) and key.value == part
        for source in _merged(node, [])
        for key, _ in source.value
    )


def _child(node: Node, part: str) -> Node | None:
    if isinstance(node, SequenceNode):
        return node.value[int(part)] if part.isdecimal() and int(part) < len(node.value) else None
    if not isinstance(node, MappingNode):
        return None
    fits = [key for key, _ in node.value if isinstance(key, ScalarNode) and key.value == part]
    if not fits:
        return None
    means = canonical(fits[0])
    keys = [key for key, _ in node.value if isinstance(key, ScalarNode)]
    same = [key for key in keys if key in fits or canonical(key) == means]
    if len(same) > 1:
        start = same[-1].start_mark.index
        reason = f"`{part}` is there {len(same)} times, of which readers take one"
        raise RefusedError(reason, start, "a key given more than once")
    places: dict[int, Node] = {id(key): value for key, value in node.value}
    return places[id(same[0])]


def _merged(node: MappingNode, seen: list[MappingNode]) -> list[MappingNode]:
    for key, value in node.value:
        if key.tag == MERGE:
            for source in value.value if isinstance(value, SequenceNode) else [value]:
                if isinstance(source, MappingNode) and source not in seen:
                    seen.append(source)
                    _merged(source, seen)
    return seen
