"""A Python file as bytes and as a syntax tree whose positions point back into those bytes."""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from ttsopt.boundary.syntax_tree import all_children
from ttsopt.editing.python.parsing import parse_quietly, read_as_python
from ttsopt.editing.unparsable import UnparsableError

BOM = b"\xef\xbb\xbf"
# Every patch of a system asks for the same few files again; the tree of 1,800 lines takes 4 MB.
KEPT = 8
Nodes = Mapping[type[ast.AST], Sequence[ast.AST]]


@dataclass(frozen=True)
class PythonSource:
    """A parsed file.

    `data` is the text in UTF-8 without a byte order mark, whatever the file's own encoding: the columns
    of `ast` are offsets into that, not into the file.
    """

    raw: bytes
    encoding: str
    data: bytes
    tree: ast.Module
    _nodes: dict[int, Nodes] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def line_starts(self) -> list[int]:
        """Offset in `data` of every line, and of the end.

        `bytes.splitlines` ends lines where Python's tokenizer does; `str.splitlines` knows more line ends.
        """
        starts = [0]
        for line in self.data.splitlines(keepends=True):
            starts.append(starts[-1] + len(line))
        return starts

    @cached_property
    def newline(self) -> bytes:
        """The line end that most lines of the file have."""
        crlf = self.data.count(b"\r\n")
        counts = {b"\n": self.data.count(b"\n") - crlf, b"\r\n": crlf}
        counts[b"\r"] = self.data.count(b"\r") - crlf
        return max(counts, key=counts.__getitem__)

    @cached_property
    def children(self) -> dict[ast.AST, list[ast.AST]]:
        """Every node's children, by one walk of the tree."""
        return all_children(self.tree)

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """Every node's parent."""
        return {child: node for node, children in self.children.items() for child in children}

    def nodes(self, scope: ast.AST) -> Nodes:
        """All nodes of a scope of this tree, itself included, by their type, as `ast.walk` orders them."""
        if id(scope) not in self._nodes:
            found: dict[type[ast.AST], list[ast.AST]] = {}
            for node in self._below(scope):
                found.setdefault(type(node), []).append(node)
            self._nodes[id(scope)] = found
        return self._nodes[id(scope)]

    def _below(self, scope: ast.AST) -> Iterable[ast.AST]:
        if scope is self.tree:
            return self.children  # in the order of its walk
        waiting = [scope]
        for node in waiting:
            waiting += self.children[node]
        return waiting

    def span(self, node: ast.expr | ast.stmt | ast.keyword) -> tuple[int, int]:
        """Start and end of a node in `data`; a decorated definition starts at its `def` or `class`."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = self.line_starts[node.lineno - 1] + node.col_offset
        return start, self.line_starts[node.end_lineno - 1] + node.end_col_offset

    def text(self, node: ast.expr | ast.stmt | ast.keyword) -> str:
        """The source of a node."""
        start, end = self.span(node)
        return self.data[start:end].decode()

    def line(self, number: int) -> str:
        """A line without its end; `number` is 1-based."""
        start, end = self.line_starts[number - 1 : number + 1]
        return self.data[start:end].decode().rstrip("\r\n")

    def line_start(self, offset: int) -> int:
        """Where the line that holds an offset begins."""
        return self.line_starts[self.line_at(offset) - 1]

    def line_at(self, offset: int) -> int:
        """The number of the line that holds an offset, 1-based."""
        return bisect_right(self.line_starts, offset)

    def indentation(self, statement: ast.stmt) -> bytes:
        """The white space before a statement's line."""
        start = self.line_starts[statement.lineno - 1]
        found = re.match(rb"[ \t\f]*", self.data[start:])
        return found.group() if found else b""

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """A node's parent, its parent, and so on up to the module."""
        while node in self.parents:
            node = self.parents[node]
            yield node

    def statement(self, node: ast.AST) -> ast.stmt:
        """The statement that a node is, or is part of."""
        if isinstance(node, ast.stmt):
            return node
        return next(found for found in self.ancestors(node) if isinstance(found, ast.stmt))

    def block(self, statement: ast.stmt) -> list[ast.stmt]:
        """The list of statements that one stands in.

        Raises:
            LookupError: It is no statement of this file.
        """
        parent = self.parents[statement]
        for name in ("body", "orelse", "finalbody"):
            block: list[ast.stmt] | ast.expr = getattr(parent, name, [])
            if isinstance(block, list) and any(node is statement for node in block):
                return block
        raise LookupError(statement)

    def raw_offset(self, offset: int) -> int:
        """Where an offset of `data` lies in the file's own bytes."""
        bom = len(BOM) if self.raw.startswith(BOM) else 0
        if self.encoding in {"utf-8", "utf-8-sig"}:
            return bom + offset
        return len(self.data[:offset].decode().encode(self.encoding))

    def encode(self, text: bytes) -> bytes:
        """UTF-8 text in the file's own encoding, to be put into the file.

        Raises:
            UnparsableError: The file's encoding has no such character.
        """
        codec = "utf-8" if self.encoding == "utf-8-sig" else self.encoding
        try:
            return text.decode().encode(codec)
        except UnicodeEncodeError as error:
            raise UnparsableError(
                f"its encoding, {codec}, has no {error.object[error.start]!r}"
            ) from error


@lru_cache(maxsize=KEPT)
def parse_source(raw: bytes) -> PythonSource:
    """Read a file's bytes as Python. The tree is shared: nobody may change it.

    Raises:
        UnparsableError: The bytes are no text in the declared encoding, or no Python.
    """
    return parse_apart(raw)


def parse_apart(raw: bytes) -> PythonSource:
    """Read a file that is asked about once: its tree goes when the caller lets go of it.

    Raises:
        UnparsableError: As `parse_source`.
    """
    encoding, data, tree = read_as_python(raw, parse_quietly)
    return PythonSource(raw, encoding, data, tree)
