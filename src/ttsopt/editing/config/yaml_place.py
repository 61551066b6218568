"""Where in a YAML text a value begins and ends, and where its mapping takes another key."""

from __future__ import annotations

import json
import re

from yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from ttsopt.editing.config.text import Change, ConfigText, RefusedError

_BLANK_LINES = re.compile(r"([ \t]*(\r\n|\r|\n))+[ \t]*\Z")
_COMMENT_LINES = re.compile(r"((\r\n|\r|\n)[ \t]*(#[^\r\n]*)?)+\Z")
_PLAIN_KEY = re.compile(r"[A-Za-z_][\w.-]*")
# Words that are no strings to a reader of YAML 1.1: https://yaml.org/type/bool.html
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def shared_nodes(root: Node) -> frozenset[int]:
    """The `id` of nodes that a document holds more than once, by aliases."""
    seen: set[int] = set()
    shared: set[int] = set()
    left = [root]
    while left:
        node = left.pop()
        if id(node) in seen:
            shared.add(id(node))
            continue
        seen.add(id(node))
        left += children(node)
    return frozenset(shared)


def holds_shared(node: Node, shared: frozenset[int]) -> bool:
    """Return True if a node or one below it is in more than one place."""
    return bool(shared) and (
        id(node) in shared or any(holds_shared(child, shared) for child in children(node))
    )


def children(node: Node) -> list[Node]:
    """The keys and values, or the items, of a node."""
    if isinstance(node, MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, SequenceNode) else []


def span(config: ConfigText, node: Node) -> tuple[int, int]:
    """Where a value of one place alone begins, with its tag and anchor, and where its last letter is."""
    return node.start_mark.index, _content_end(config.text, node, frozenset())


def replaced(config: ConfigText, parent: Node, value: Node, new: str) -> Change:
    """The change that puts a text in the place of a value."""
    start, end = span(config, value)
    if start == end:
        before = config.text[start - 1 : start]
        return Change(start, end, new if before.isspace() else f" {new}")
    # What a block list that stands as far left as its key becomes must stand to the right of it.
    block = isinstance(value, SequenceNode) and not value.flow_style
    outdented = block and value.start_mark.column <= parent.start_mark.column
    return Change(start, end, f"  {new}" if outdented else new)


def appended(
    config: ConfigText, mapping: MappingNode, shared: frozenset[int], name: str, new: str
) -> Change:
    """The change that gives a mapping of a document with such shared nodes one more key, behind its last one.

    Raises:
        RefusedError: It is empty, or something other than a comment follows on the line.
    """
    start = mapping.start_mark.index
    if not mapping.value:
        raise RefusedError("the mapping is empty: nothing shows how its keys are laid out", start)
    end = _content_end(config.text, mapping, shared)
    if mapping.flow_style:
        last = _last_in_flow(config.text, mapping)
        return Change(last, last, f", {_key(name)}: {new}")
    line_end = config.line_end(end)
    if not re.fullmatch(r"[ \t]*(#.*)?", config.text[end:line_end]):
        raise RefusedError("something follows the mapping on its last line", end)
    indentation = " " * mapping.value[0][0].start_mark.column
    return Change(line_end, line_end, f"{config.newline}{indentation}{_key(name)}: {new}")


def _content_end(text: str, node: Node, shared: frozenset[int]) -> int:
    """A block ends, to PyYAML, where the next thing begins: behind the comments and blank lines below it."""
    end = node.end_mark.index
    if isinstance(node, ScalarNode):
        return len(_BLANK_LINES.sub("", text[:end])) if node.style in {"|", ">"} else end
    if isinstance(node, CollectionNode) and node.flow_style:
        return end
    last = children(node)[-1]
    if id(last) in shared:
        # An alias: its marks are those of its anchor.
        return len(_COMMENT_LINES.sub("", text[:end]).rstrip())
    return _content_end(text, last, shared)


def _last_in_flow(text: str, mapping: MappingNode) -> int:
    """Behind the last value of a flow mapping; what a comment or a comma there makes of it is seen afterwards."""
    last = mapping.value[-1][1]
    end = mapping.end_mark.index - 1
    behind = last.end_mark.index
    alias = not mapping.start_mark.index < last.start_mark.index <= behind <= end
    return len(text[:end].rstrip()) if alias else behind


def _key(name: str) -> str:
    plain = _PLAIN_KEY.fullmatch(name) and name.lower() not in _WORDS
    return name if plain else json.dumps(name, ensure_ascii=False)
