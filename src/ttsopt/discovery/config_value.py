"""The value at a dotted key of a YAML, TOML or JSON file; no tag of YAML constructs anything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ttsopt.boundary.parsing import compose_yaml, load_json, load_toml

if TYPE_CHECKING:
    from yaml.nodes import MappingNode, Node

READ = (".yaml", ".yml", ".toml", ".json")
MISSING = object()


def config_value(suffix: str, raw: bytes, parts: tuple[str, ...]) -> object:
    """Return what is at a key: a scalar (its text where a tag stands before it), another object, or MISSING.

    In YAML that is in the first document with the key, merged keys (`<<`) included.

    Raises:
        ValueError: The file is not of the language that `suffix` (one of READ) names; the message says why.
    """
    if suffix in {".yaml", ".yml"}:
        return _yaml_value(raw, parts)
    data = load_toml(raw.decode("utf-8-sig")) if suffix == ".toml" else load_json(raw)
    return _plain_value(data, parts)


def _plain_value(value: object, parts: tuple[str, ...]) -> object:
    for part in parts:
        if isinstance(value, dict):
            value = value.get(part, MISSING)
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return MISSING
    return value


def _yaml_value(raw: bytes, parts: tuple[str, ...]) -> object:
    import yaml

    try:
        roots = compose_yaml(raw)
    except (yaml.YAMLError, OverflowError) as error:
        raise ValueError(" ".join(str(error).split())) from error
    nodes = (_node_at(root, parts) for root in roots)
    return next((_constructed(node) for node in nodes if node is not None), MISSING)


def _node_at(node: Node | None, parts: tuple[str, ...]) -> Node | None:
    from yaml.nodes import MappingNode, ScalarNode, SequenceNode

    for part in parts:
        if isinstance(node, MappingNode):
            pairs = _pairs(node, set())
            # Of a key given twice the last counts, of merged ones the first; own ones come first.
            node = next(
                (v for k, v in pairs if isinstance(k, ScalarNode) and k.value == part), None
            )
        elif isinstance(node, SequenceNode) and part.isdecimal() and int(part) < len(node.value):
            node = node.value[int(part)]
        else:
            return None
    return node


def _pairs(node: MappingNode, seen: set[int]) -> Iterator[tuple[Node, Node]]:
    from yaml.nodes import MappingNode, SequenceNode

    seen.add(id(node))
    merged = [value for key, value in node.value if key.tag == "tag:yaml.org,2002:merge"]
    yield from reversed(node.value)
    for value in merged:
        for source in value.value if isinstance(value, SequenceNode) else [value]:
            if isinstance(source, MappingNode) and id(source) not in seen:
                yield from _pairs(source, seen)


def _constructed(node: Node) -> object:
    from yaml.constructor import SafeConstructor
    from yaml.nodes import ScalarNode

    if not isinstance(node, ScalarNode):
        return node
    safe = SafeConstructor()
    readers = {
        "tag:yaml.org,2002:bool": safe.construct_yaml_bool,
        "tag:yaml.org,2002:int": safe.construct_yaml_int,
        "tag:yaml.org,2002:float": safe.construct_yaml_float,
        "tag:yaml.org,2002:null": safe.construct_yaml_null,
    }
    try:
        return readers[node.tag](node) if node.tag in readers else node.value
    except LookupError as error:  # `!!bool x`
        raise ValueError(f"{node.value!r} is no {node.tag.rpartition(':')[2]}") from error
