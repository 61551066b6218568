"""Changes of a YAML text: another value at a place, one more key, one key less."""

from __future__ import annotations

import re
from collections.abc import Iterator

from yaml.nodes import MappingNode, Node

from ttsopt.editing.config.text import Change, ConfigText, RefusedError
from ttsopt.editing.config.yaml_place import appended, replaced, span
from ttsopt.editing.config.yaml_written import Written, column_of, is_block

_TAIL = re.compile(r"[ \t]*(#.*)?")
_COMMA = re.compile(r"\s*,\s*")

Pair = tuple[Node, Node]


def put(config: ConfigText, parent: Node, node: Node, value: Written) -> Iterator[Change]:
    """The change, if there is one, that puts a value in the place of a node below its parent."""
    start, end = span(config, node)
    if value.deeper is None:
        text = value.at(column_of(parent), config.newline)
        # An empty value needs no blank before it.
        gap = Change(len(config.text[:start].rstrip()), end, "")
        yield replaced(config, parent, node, text) if text else gap
    elif is_block(node):
        yield Change(start, end, value.at(node.start_mark.column, config.newline))
    elif not config.text[config.line_start(start) : start].strip(" \t"):
        column = column_of(parent) + value.deeper
        text = " " * column + value.at(column, config.newline)
        yield Change(config.line_start(start), end, text)
    else:
        line_end = config.line_end(end)
        tail = config.text[end:line_end]
        if _TAIL.fullmatch(tail):
            below = _below(config, parent, value)
            yield Change(len(config.text[:start].rstrip(" \t")), line_end, tail.rstrip() + below)


def addition(
    config: ConfigText, mapping: MappingNode, shared: frozenset[int], name: str, value: Written
) -> Change:
    """The change that gives a mapping of a document with such shared nodes one more key, behind its last one.

    Raises:
        RefusedError: Its layout does not show where.
    """
    if value.deeper is None:
        text = value.at(column_of(mapping), config.newline)
        return appended(config, mapping, shared, name, text)
    found = appended(config, mapping, shared, name, "")
    return Change(found.start, found.end, found.text.rstrip() + _below(config, mapping, value))


def removal(config: ConfigText, mapping: MappingNode, pair: Pair) -> Change:
    """The change that takes a key and its value out of a mapping, with their lines where it has lines.

    Raises:
        RefusedError: They share a line with something else.
    """
    if not is_block(mapping):
        return _removal_from_flow(config, mapping, pair)
    start, end = pair[0].start_mark.index, span(config, pair[1])[1]
    line_start, line_end = config.line_start(start), config.line_end(end)
    alone = not config.text[line_start:start].strip(" \t")
    if not alone or not _TAIL.fullmatch(config.text[end:line_end]):
        raise RefusedError("it shares a line with something else", start)
    return config.without_lines(line_start, line_end)


def _below(config: ConfigText, parent: Node, value: Written) -> str:
    column = column_of(parent) + (value.deeper or 0)
    return config.newline + " " * column + value.at(column, config.newline)


def _removal_from_flow(config: ConfigText, mapping: MappingNode, pair: Pair) -> Change:
    """With the comma before it; the first one with the comma behind it."""
    index = mapping.value.index(pair)
    start, end = pair[0].start_mark.index, span(config, pair[1])[1]
    begin, stop, comma = start, end, ","
    if index:
        begin = span(config, mapping.value[index - 1][1])[1]
        comma = config.text[begin:start]
    elif len(mapping.value) > 1:
        stop = mapping.value[1][0].start_mark.index
        comma = config.text[end:stop]
    if not _COMMA.fullmatch(comma):
        raise RefusedError("it cannot be taken out of its mapping", start)
    return Change(begin, stop, "")
