"""Files of others, as data: JSON, TOML, YAML and Python, no deeper and no larger than any later walk can follow.

Whatever is wrong is a `ValueError` (or the parser's own, which most are): never a RecursionError or a MemoryError.
Nothing is executed, and no tag of YAML constructs anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from ttsopt.boundary.reading import TABLE, amount

if TYPE_CHECKING:
    import ast

    from yaml.nodes import Node

T = TypeVar("T")
DEEPEST = 100
DEEPEST_CODE = 500  # each `elif` lies within the one before it
# Aliases of aliases grow without end: https://en.wikipedia.org/wiki/Billion_laughs_attack
MOST_NODES = 1_000_000
TOO_DEEP = "nested too deeply"


def load_json(data: bytes | str) -> Any:
    """Read JSON.

    Raises:
        ValueError: It is none, or nested too deeply.
    """
    import json

    try:
        return _shallow(json.loads(data), _children)
    except RecursionError as error:
        raise ValueError(TOO_DEEP) from error


def load_toml(text: str) -> dict[str, Any]:
    """Read TOML.

    Raises:
        ValueError: It is none, is too long, or nested too deeply.
    """
    import tomllib

    if len(text) > TABLE:
        raise ValueError(f"it has more than {amount(TABLE)}")
    try:
        table = tomllib.loads(text)
        _shallow(table, _children)
    except RecursionError as error:
        raise ValueError(TOO_DEEP) from error
    return table


def compose_yaml(text: str | bytes) -> tuple[Node, ...]:
    """The documents of YAML that are not empty, as nodes that every walk comes to an end in.

    By PyYAML's own parser, which is what the systems read their files with: libyaml takes other texts for YAML,
    marks an empty value elsewhere, and ends the process on a hundred thousand times `[`.

    Raises:
        ValueError: It is too long, is nested too deeply, or its aliases stand for too much.
        YAMLError, OverflowError: It is no YAML.
    """
    import yaml

    if len(text) > TABLE:
        raise ValueError(f"it has more than {amount(TABLE)}")
    try:
        found: list[Node | None] = list(yaml.compose_all(text, yaml.SafeLoader))
    except RecursionError as error:
        raise ValueError(TOO_DEEP) from error
    roots = tuple(node for node in found if node is not None)
    _check_nodes(roots)
    return roots


def parse_python(source: str | bytes, oldest: tuple[int, int], mode: str = "exec") -> ast.AST:
    """A syntax tree, by the grammar of the oldest Python that has to read it.

    Raises:
        SyntaxError: It is no Python.
        ValueError: It is nested too deeply, or holds what no source may.
    """
    import ast

    from ttsopt.boundary.syntax_tree import children

    try:
        # From bytes, Python detects the encoding as it will where a file is laid out.
        tree: ast.AST = ast.parse(source, mode=mode, feature_version=oldest)
        _shallow(tree, children, DEEPEST_CODE)
    except (RecursionError, MemoryError) as error:
        raise ValueError(TOO_DEEP) from error
    return tree


def compile_python(source: bytes) -> None:
    """See that Python compiles: a tree does not tell of a `return` outside of a function. Nothing is run.

    Raises:
        SyntaxError: It does not.
        ValueError: As `parse_python`.
    """
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, "<helper>", "exec", dont_inherit=True)
    except (RecursionError, MemoryError) as error:
        raise ValueError(TOO_DEEP) from error


def python_literal(text: str) -> object:
    """The value of a Python literal.

    Raises:
        SyntaxError: It is no Python.
        ValueError: It is none, or is nested too deeply.
    """
    import ast

    try:
        value: object = ast.literal_eval(text)
    except (RecursionError, MemoryError, TypeError) as error:
        raise ValueError(TOO_DEEP) from error
    return value


def _shallow(value: T, below: Callable[[T], Iterable[T]], deepest: int = DEEPEST) -> T:
    """The value, where it is nested no deeper than every later walk can follow; without a recursion of its own."""
    level = [value]
    for _ in range(deepest):
        level = [child for one in level for child in below(one)]
        if not level:
            return value
    raise ValueError(TOO_DEEP)


def _children(value: Any) -> list[Any]:
    found: Iterable[Any] = (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    )
    return [child for child in found if isinstance(child, (dict, list))]


def _check_nodes(roots: tuple[Node, ...]) -> None:
    """Depth and number of nodes with all aliases followed, each node looked at once."""
    known: dict[int, tuple[int, int]] = {}
    waiting = [(root, False) for root in roots]
    while waiting:
        node, is_done = waiting.pop()
        if is_done:
            below = [known[id(child)] for child in _below(node)]
            sizes, depths = zip(*below, strict=True) if below else ((), ())
            known[id(node)] = 1 + sum(sizes), 1 + max(depths, default=0)
            _check_size(*known[id(node)])
        elif id(node) not in known:
            known[id(node)] = (
                MOST_NODES + 1,
                0,
            )  # for as long as it is being looked at: an alias in itself
            waiting.append((node, True))
            waiting += [(child, False) for child in _below(node)]
    if roots:
        _check_size(sum(known[id(root)][0] for root in roots), 0)


def _check_size(nodes: int, depth: int) -> None:
    if depth > DEEPEST:
        raise ValueError(TOO_DEEP)
    if nodes > MOST_NODES:
        raise ValueError("its aliases stand for too much")


def _below(node: Node) -> list[Node]:
    if not isinstance(node.value, list):
        return []
    return [one for item in node.value for one in (item if isinstance(item, tuple) else (item,))]
