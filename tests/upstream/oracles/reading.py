"""What an oracle says of a version, and the means to read one: `ast`, `tokenize`, regular expressions, `yaml`.

Nothing here or beside comes from ttsopt: an oracle is another reading of the same intent.
"""

from __future__ import annotations

import ast
import re
import tokenize
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO

import yaml

CONSTRUCT, NONE, ALREADY, OTHER = "construct", "none", "already", "other spelling"
ANYTHING = ""  # as the meaning of a file: whatever compiles
Files = Mapping[str, bytes]
Module = ast.Module


@dataclass(frozen=True)
class FileEdit:
    """What is to become of one file: its meaning afterwards, and where its text may differ.

    `meaning` is as `meaning_of` gives it. Lines count from 1 and are those of the original: `changed` ones may
    read otherwise, `dropped` ones may also lose their comments, and after each of `inserted` (0: at the top)
    lines may come in. `count` is the number of places.
    """

    meaning: str
    changed: frozenset[int] = frozenset()
    dropped: frozenset[int] = frozenset()
    inserted: frozenset[int] = frozenset()
    count: int = 1


@dataclass(frozen=True)
class Expectation:
    """What must become of a version.

    `construct`: it must be applied, and leave `edits` and `created` (meanings by path) and nothing else. `none`:
    there is nothing to do; `already`: the tree has it. `other spelling`: the intent is met, or may be, in a way
    that a patch may leave alone as long as it says so.
    """

    kind: str
    why: str = ""
    edits: Mapping[str, FileEdit] = field(default_factory=dict)
    created: Mapping[str, str] = field(default_factory=dict)


def construct(
    edits: Mapping[str, FileEdit], created: Mapping[str, str] | None = None
) -> Expectation:
    """It is there and must be edited."""
    return Expectation(CONSTRUCT, edits=edits, created=created or {})


def none(why: str) -> Expectation:
    """There is nothing to do."""
    return Expectation(NONE, why)


def already(why: str) -> Expectation:
    """Upstream has it."""
    return Expectation(ALREADY, why)


def other(why: str) -> Expectation:
    """Meant, but written otherwise."""
    return Expectation(OTHER, why)


@dataclass
class Marks:
    """Lines that a transform touches, gathered on the way."""

    changed: set[int] = field(default_factory=set)
    dropped: set[int] = field(default_factory=set)
    inserted: set[int] = field(default_factory=set)
    count: int = 0

    def edit(self, tree: ast.AST) -> FileEdit:
        """The finished expectation for a file whose tree was transformed."""
        changed, dropped = frozenset(self.changed), frozenset(self.dropped)
        return FileEdit(ast.dump(tree), changed, dropped, frozenset(self.inserted), self.count)


def parsed(data: bytes) -> ast.Module | None:
    """The tree of a Python file, None where it has no tree."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(data)
        except (SyntaxError, ValueError):
            return None


def meaning_of(path: str, data: bytes) -> str:
    """What a file says, whatever its layout and comments.

    Raises:
        SyntaxError, yaml.YAMLError: It says nothing.
    """
    if path.endswith((".yaml", ".yml")):
        return repr(yaml.safe_load(data))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compile(data, path, "exec", dont_inherit=True)
        return ast.dump(ast.parse(data))


def comments(path: str, data: bytes) -> list[tuple[int, str]]:
    """Comments with their lines; in a file that has no tokens, what looks like one."""
    if path.endswith(".py"):
        try:
            tokens = list(tokenize.tokenize(BytesIO(data).readline))
        except (tokenize.TokenError, SyntaxError):
            return []
        return [(one.start[0], one.string) for one in tokens if one.type == tokenize.COMMENT]
    lines = data.decode("utf-8-sig").splitlines()
    found = ((number, re.search(r"(?:^|\s)#.*", line)) for number, line in enumerate(lines, 1))
    return [(number, one.group().strip()) for number, one in found if one]


def lines_of(node: ast.stmt | ast.expr) -> range:
    """The lines that a node covers."""
    assert node.end_lineno is not None
    return range(node.lineno, node.end_lineno + 1)


def definitions(tree: ast.AST, *names: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Functions below `tree` that bear one of the names; all functions without names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (
            not names or node.name in names
        ):
            yield node


def methods(
    tree: ast.AST, owner: str, *names: str
) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Functions of these names in classes called `owner`, what they hold themselves among them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name == owner:
            yield from definitions(node, *names)


def spelled(node: ast.AST, text: str) -> bool:
    """Whether a node reads like this, written out again by `ast`."""
    return isinstance(node, ast.expr | ast.stmt) and ast.unparse(node) == text


def expression(text: str) -> ast.expr:
    """An expression from its text."""
    return ast.parse(text, mode="eval").body


def statements(text: str) -> list[ast.stmt]:
    """Statements from their text."""
    return ast.parse(text).body


def blocks(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    """Every list of statements in a tree."""
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                yield block
