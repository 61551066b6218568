"""A YAML file that settings can be carried into: what it says, and changes of its text that change that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from yaml.nodes import MappingNode, Node

from ttsopt.editing.config.key_changes import ABSENT, Path, Tree, TreeChange, dotted, key_letters
from ttsopt.editing.config.text import Change, ConfigText, RefusedError
from ttsopt.editing.config.yaml_change import addition, put, removal
from ttsopt.editing.config.yaml_place import holds_shared, shared_nodes, span
from ttsopt.editing.config.yaml_source import YamlSource, parse_yaml
from ttsopt.editing.config.yaml_tree import nearest, own_pairs, tree_of, way_to
from ttsopt.editing.config.yaml_written import Written, comments, written

_SHARED = "it is shared by an anchor and an alias: a change would be one elsewhere"


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A YAML file and what it says; see `carry_keys.ConfigFile`."""

    source: YamlSource
    tree: Tree

    @classmethod
    def of(cls, raw: bytes) -> YamlFile:
        """Read a file's bytes.

        Raises:
            UnparsableError: They are no YAML.
        """
        source = parse_yaml(raw)
        return cls(source, tree_of(source))

    @property
    def config(self) -> ConfigText:
        """Its text."""
        return self.source.config

    def key(self, path: Path) -> str:
        """A place as a dotted key; below the first document with the number of its document, from 1."""
        where = dotted(path[1:]) or "the file"
        number = path[0] if path else 0
        return f"{where} (document {number + 1})" if isinstance(number, int) and number else where

    def value_text(self, path: Path) -> str:
        """The value at a place as it is written, or in words where it is written in several places."""
        if not self.is_in_one_place(path):
            return "a value from elsewhere"
        start, end = span(self.config, nearest(self.source, path)[-1])
        return self.config.text[start:end]

    def is_in_one_place(self, path: Path) -> bool:
        """Return True if the value at a place is one part of the text."""
        return bool(path) and len(nearest(self.source, path)) == len(path)

    def offset(self, path: Path) -> int:
        """Where a place, or what is nearest above it, begins in the text; -1 where it does not say."""
        return max((int(node.start_mark.index) for node in nearest(self.source, path)), default=-1)

    def candidates(self, change: TreeChange, base: YamlFile, target: YamlFile) -> Iterator[Change]:
        """Changes of the text that may make a change of the tree, the best first.

        Raises:
            RefusedError: There is none.
        """
        above = self._way(change.path[:-1])
        if change.base is ABSENT:
            assert isinstance(above[-1], MappingNode)
            shared, name = shared_nodes(above[0]), key_letters(change.path[-1])
            for value in target.written(change.path):
                yield addition(self.config, above[-1], shared, name, value)
            return
        node = self._unshared(change.path)
        if change.target is ABSENT:
            yield self._removal(change.path, base)
            return
        self._see_comments(change.path, base, span(self.config, node))
        for value in target.written(change.path):
            yield from put(self.config, above[-1], node, value)

    def written(self, path: Path) -> Iterator[Written]:
        """How the value at a place may be written in another file, the best first."""
        way = way_to(self.source, path)
        return written(self.config, way[-2], way[-1], shared_nodes(way[0]))

    def _removal(self, path: Path, base: YamlFile) -> Change:
        mapping = way_to(self.source, path)[-2]
        assert isinstance(mapping, MappingNode)
        found = removal(self.config, mapping, own_pairs(mapping, path[-1])[0])
        self._see_comments(path, base, (found.start, found.end))
        return found

    def _see_comments(self, path: Path, base: YamlFile, place: tuple[int, int]) -> None:
        """See that no comment goes with a part of the text but those that `base` has in the value's lines."""
        own = comments(self.config, *place, [way_to(self.source, path)[-1]])
        lost = own - base.comments(path) if own else own
        if lost:
            raise RefusedError(f"the comment `{min(lost)}` would be lost", place[0])

    def comments(self, path: Path) -> frozenset[str]:
        """The comments in the lines of a value."""
        node = way_to(self.source, path)[-1]
        start, end = span(self.config, node)
        return comments(self.config, start, self.config.line_end(end), [node])

    def _unshared(self, path: Path) -> Node:
        """The node of a value that stands in one place of the text, with all that is in it."""
        way = self._way(path)
        if holds_shared(way[-1], shared_nodes(way[0])):
            raise RefusedError(_SHARED, way[-1].start_mark.index)
        return way[-1]

    def _way(self, path: Path) -> tuple[Node, ...]:
        """The nodes on the way to what can be changed without a change elsewhere."""
        if not path:
            raise RefusedError("it is a document as a whole", None)
        way = way_to(self.source, path)
        shared = shared_nodes(way[0])
        if any(id(node) in shared for node in way):
            raise RefusedError(_SHARED, way[-1].start_mark.index)
        return way
