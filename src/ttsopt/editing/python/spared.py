"""Places that an edit leaves alone: within something that is as wanted, or behind a certain statement."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from ttsopt.editing.python.pattern import match, parse_pattern
from ttsopt.editing.python.scopes import Definition
from ttsopt.editing.python.source import PythonSource

Node = ast.expr | ast.stmt


def lies_in(source: PythonSource, node: Node, patterns: Sequence[str]) -> bool:
    """True if an expression or statement around a node matches one of the patterns.

    Raises:
        PatternError: A pattern is none.
    """
    wanted = [parse_pattern(text) for text in patterns]
    around = [one for one in source.ancestors(node) if isinstance(one, ast.expr | ast.stmt)]
    return any(match(pattern, one) is not None for pattern in wanted for one in around)


def stands_behind(source: PythonSource, node: Node, patterns: Sequence[str]) -> bool:
    """True if an earlier statement of a block around a node, in its function, matches one of the patterns.

    Raises:
        PatternError: A pattern is none.
    """
    wanted = [parse_pattern(text) for text in patterns]
    earlier = _earlier(source, node) if wanted else ()
    return any(match(pattern, one) is not None for one in earlier for pattern in wanted)


def _earlier(source: PythonSource, node: Node) -> Iterator[ast.AST]:
    """All statements that stand before a node in its blocks, and those within them."""
    for around in [node, *source.ancestors(node)]:
        if isinstance(around, Definition):
            return
        if isinstance(around, ast.stmt):
            block = source.block(around)
            before = block[: next(i for i, other in enumerate(block) if other is around)]
            inner = (found for one in before for found in ast.walk(one))
            # An expression is a pattern for the statement that is nothing else.
            yield from (
                one.value if isinstance(one, ast.Expr) else one
                for one in inner
                if isinstance(one, ast.stmt)
            )
