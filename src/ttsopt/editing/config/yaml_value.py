"""YAML nodes as values that can be compared, and the values that a patch gives; no tag constructs anything."""

from __future__ import annotations

import re
from collections.abc import Iterable

import yaml
from yaml.constructor import SafeConstructor
from yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from ttsopt.boundary.parsing import compose_yaml
from ttsopt.editing.unparsable import PatternError

_TAG = "tag:yaml.org,2002:"
_SCALARS = SafeConstructor()
_READERS = {
    _TAG + "bool": _SCALARS.construct_yaml_bool,
    _TAG + "int": _SCALARS.construct_yaml_int,
    _TAG + "float": _SCALARS.construct_yaml_float,
    _TAG + "null": _SCALARS.construct_yaml_null,
}
# `1e-05` is a float in YAML 1.2 and what JSON writes, and a string to PyYAML, which wants a point and a sign.
# https://yaml.org/spec/1.2.2/#1032-tag-resolution
_FLOAT_WITHOUT_POINT = re.compile(r"([-+]?[0-9]+)[eE]([-+]?)([0-9]+)")

Value = tuple[object, ...]


def canonical(node: Node) -> Value:
    """Return what a node means, for comparing: `false` equals `False`, `'a'` equals `"a"`, `1` is not `1.0`."""
    if isinstance(node, MappingNode):
        pairs = [(canonical(key), canonical(value)) for key, value in node.value]
        return (node.tag, *sorted(pairs, key=repr))
    if isinstance(node, SequenceNode):
        return (node.tag, *(canonical(item) for item in node.value))
    assert isinstance(node, ScalarNode)
    if node.style is None and _FLOAT_WITHOUT_POINT.fullmatch(node.value):
        return (_TAG + "float", repr(float(node.value)))
    try:
        return (node.tag, repr(_READERS[node.tag](node)))
    except (ValueError, LookupError):
        # A string, a tag of the system's own, or `!!int x`, which only its letters tell from another.
        return (node.tag, "text", node.value)


def wanted_text(text: str) -> str:
    """A new value as it is to be written: on one line, and a number to every reader of YAML.

    Raises:
        PatternError: It is no such value.
    """
    text = text.strip()
    node = value_node(text)
    whole = (node.start_mark.index, node.end_mark.index) == (0, len(text))
    block = isinstance(node, CollectionNode) and not node.flow_style
    if not whole or block or "\n" in text or "\r" in text:
        raise PatternError(f"a new value is one value on one line: {text!r}")
    found = _FLOAT_WITHOUT_POINT.fullmatch(text)
    return f"{found[1]}.0e{found[2] or '+'}{found[3]}" if found else text


def value_node(text: str) -> Node:
    """A value that a patch gives.

    Raises:
        PatternError: It is no YAML value.
    """
    try:
        nodes = compose_yaml(text)
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise PatternError(f"not YAML: {text!r}") from error
    if not nodes:
        raise PatternError("a YAML value is missing; nothing is written `null`")
    if len(nodes) > 1:
        raise PatternError(f"not one YAML value: {text!r}")
    return nodes[0]


def flat(roots: Iterable[Node], without: Node | None) -> list[Value]:
    """All that documents say but for one value and its key; an alias stands for the place of its anchor."""
    rows: list[Value] = []
    seen: dict[int, int] = {}
    for root in roots:
        rows.append(("document",))
        _flatten(root, without, rows, seen)
    return rows


def _flatten(node: Node, without: Node | None, rows: list[Value], seen: dict[int, int]) -> None:
    if id(node) in seen:
        rows.append(("alias", seen[id(node)]))
        return
    seen[id(node)] = len(seen)
    if isinstance(node, ScalarNode):
        rows.append((node.tag, node.value))
        return
    rows.append((node.tag, "begin"))
    for item in node.value:
        parts = item if isinstance(item, tuple) else (item,)
        if parts[-1] is not without:
            for part in parts:
                _flatten(part, without, rows, seen)
    rows.append((node.tag, "end"))
