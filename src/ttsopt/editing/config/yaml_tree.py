"""Content of a YAML file as a tree: aliases and merged mappings are what they stand for."""

from __future__ import annotations

from collections.abc import Iterator

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from ttsopt.editing.config.key_changes import Path, Tree
from ttsopt.editing.config.text import RefusedError
from ttsopt.editing.config.yaml_place import children
from ttsopt.editing.config.yaml_source import MERGE, YamlSource
from ttsopt.editing.config.yaml_value import canonical
from ttsopt.editing.unparsable import UnparsableError

_TAG = "tag:yaml.org,2002:"
# Aliases of aliases grow without end: https://en.wikipedia.org/wiki/Billion_laughs_attack
_MOST_NODES = 1_000_000


def tree_of(source: YamlSource) -> Tree:
    """A mapping from the number of each document, from 0, to what it says.

    Raises:
        UnparsableError: With all aliases followed it would have no end, or a million values.
    """
    sizes: dict[int, float] = {}
    done: dict[int, Tree] = {}
    if sum(_size(root, sizes) for root in source.roots) > _MOST_NODES:
        raise UnparsableError("not to be compared: its aliases stand for too much")
    return {number: _tree(root, done) for number, root in enumerate(source.roots)}


def key_of(node: Node) -> str | tuple[object, ...]:
    """A key of a mapping: its letters where it is text, else what it means."""
    is_text = isinstance(node, ScalarNode) and node.tag == _TAG + "str"
    return str(node.value) if is_text else canonical(node)


def own_pairs(mapping: MappingNode, part: object) -> list[tuple[Node, Node]]:
    """The key and value of every entry of a mapping itself that has such a key."""
    return [pair for pair in mapping.value if pair[0].tag != MERGE and key_of(pair[0]) == part]


def way_to(source: YamlSource, path: Path) -> tuple[Node, ...]:
    """The nodes from a document to a place of the tree, both included.

    Raises:
        RefusedError: A key on the way is merged in, or there more than once.
    """
    way = nearest(source, path)
    if len(way) == len(path):
        return way
    number = len(_below(way[-1], path[len(way)]))
    reason = f"it is there {number} times, of which readers take one"
    merged = "it comes from another mapping by `<<`: a change would be one elsewhere"
    raise RefusedError(reason if number else merged, way[-1].start_mark.index)


def nearest(source: YamlSource, path: Path) -> tuple[Node, ...]:
    """The nodes on the way to a place, as far as every one is in one place of the text."""
    way: list[Node] = []
    for part in path:
        found = _below(way[-1], part) if way else _document(source, part)
        if len(found) != 1:
            break
        way += found
    return tuple(way)


def _document(source: YamlSource, number: object) -> list[Node]:
    return [root for index, root in enumerate(source.roots) if index == number]


def _below(node: Node, part: object) -> list[Node]:
    if isinstance(node, MappingNode):
        return [value for _, value in own_pairs(node, part)]
    is_item = isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value)
    return [node.value[part]] if is_item else []


def _size(node: Node, sizes: dict[int, float]) -> float:
    """How many nodes there are with all aliases followed; one that holds itself has no end."""
    if id(node) not in sizes:
        sizes[id(node)] = float("inf")
        sizes[id(node)] = 1 + sum(_size(child, sizes) for child in children(node))
    return sizes[id(node)]


def _tree(node: Node, done: dict[int, Tree]) -> Tree:
    if id(node) not in done:
        done[id(node)] = _built(node, done)
    return done[id(node)]


def _built(node: Node, done: dict[int, Tree]) -> Tree:
    if isinstance(node, MappingNode) and node.tag == _TAG + "map":
        tree: dict[object, Tree] = {}
        for source in _merged(node):
            below = _tree(source, done)
            tree.update(below if isinstance(below, dict) else {})
        own = (pair for pair in node.value if pair[0].tag != MERGE)
        return tree | {key_of(key): _tree(value, done) for key, value in own}
    if isinstance(node, SequenceNode) and node.tag == _TAG + "seq":
        return [_tree(item, done) for item in node.value]
    return canonical(node)


def _merged(mapping: MappingNode) -> Iterator[Node]:
    """The mappings that `<<` names, the one that wins last (https://yaml.org/type/merge.html)."""
    for key, value in mapping.value:
        if key.tag == MERGE:
            yield from reversed(value.value) if isinstance(value, SequenceNode) else [value]
