"""A value of one YAML file as text that can stand in another place, in another file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml
from yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from ttsopt.editing.config.text import ConfigText
from ttsopt.editing.config.yaml_place import children, holds_shared, span

_BREAK = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Written:
    """A value's text, its lines after the first without the indentation that they have by their place.

    `deeper`: how many columns right of its parent a block collection begins; None for what can follow on a line.
    """

    text: str
    deeper: int | None = None

    def at(self, column: int, newline: str) -> str:
        """The text where lines stand at a column: the parent's, or a block collection's own."""
        return shifted(self.text, column).replace("\n", newline)


def written(
    config: ConfigText, parent: Node, node: Node, shared: frozenset[int]
) -> Iterator[Written]:
    """How a value of a file with such shared nodes may be written elsewhere: as it is there, else on one line."""
    start, end = span(config, node)
    text = config.text[start:end]
    block = is_block(node)
    if not (holds_shared(node, shared) or (block and text.startswith(("&", "!")))):
        left = column_of(parent)
        if block:
            column = node.start_mark.column
            yield Written(shifted(text, -column), column - left)
        else:
            yield Written(shifted(text, -left))
    yield Written(on_one_line(node))


def is_block(node: Node) -> bool:
    """Return True if it is a mapping or a list that is laid out in lines."""
    return isinstance(node, CollectionNode) and not node.flow_style


def column_of(parent: Node) -> int:
    """Where the keys of a mapping stand, or the items of a list."""
    if isinstance(parent, MappingNode) and is_block(parent):
        return int(parent.value[0][0].start_mark.column)
    return int(parent.start_mark.column)


def shifted(text: str, by: int) -> str:
    """A text whose lines after the first stand so much further right, as far as they have room to the left."""
    first, *rest = _BREAK.split(text)
    return "\n".join([first, *(_moved(line, by) for line in rest)])


def comments(config: ConfigText, begin: int, end: int, nodes: list[Node]) -> frozenset[str]:
    """The comments in a part of a text that holds such nodes."""
    pieces, position = [], begin
    for first, last in sorted(place for node in nodes for place in _letters(config, node)):
        if position <= first and last <= end:
            pieces.append(config.text[position:first])
            position = last
    text = " ".join([*pieces, config.text[position:end]])
    return frozenset(row.strip() for row in re.findall(r"#[^\r\n]*", text))


def on_one_line(node: Node) -> str:
    """A value in flow style, without anchors."""
    # In a list, as a lone plain value would be followed by the end of the document.
    whole = SequenceNode("tag:yaml.org,2002:seq", [_in_flow(node)], flow_style=True)
    text: str = yaml.serialize(whole, Dumper=yaml.SafeDumper, allow_unicode=True, width=10**9)
    return text.strip()[1:-1]


def _in_flow(node: Node) -> Node:
    if isinstance(node, MappingNode):
        pairs = [(_in_flow(key), _in_flow(value)) for key, value in node.value]
        return MappingNode(node.tag, pairs, flow_style=True)
    if isinstance(node, SequenceNode):
        return SequenceNode(node.tag, [_in_flow(item) for item in node.value], flow_style=True)
    assert isinstance(node, ScalarNode)
    if not node.value and node.style is None:
        return ScalarNode(node.tag, "null")
    return ScalarNode(node.tag, node.value, style=node.style and '"')


def _letters(config: ConfigText, node: Node) -> Iterator[tuple[int, int]]:
    """Where the values lie in which `#` is a letter; behind `|` and `>` it may begin a comment."""
    if isinstance(node, ScalarNode):
        start, end = span(config, node)
        head = node.style in {"|", ">"}
        yield (min(config.line_end(start), end) if head else start), end
    for child in children(node):
        yield from _letters(config, child)


def _moved(line: str, by: int) -> str:
    if by >= 0:
        return " " * by + line if line else line
    return line[min(-by, len(line) - len(line.lstrip(" "))) :]
