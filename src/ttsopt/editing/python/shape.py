"""The shape of a construct: what is left of it when names and literals do not matter."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Sequence

from ttsopt.editing.python.pattern import MEANINGLESS


def other_shape(nodes: Sequence[ast.AST]) -> int:
    """The line of the first construct that is unlike most of the others; 0 where all have one shape."""
    shapes = [" ".join(_shape(node)) for node in nodes]
    most = Counter(shapes).most_common(1)[0][0] if shapes else ""
    odd = (node for node, shape in zip(nodes, shapes, strict=True) if shape != most)
    return min((getattr(node, "lineno", 1) for node in odd), default=0)


def is_literal(node: ast.AST) -> bool:
    """True if the source alone tells the value of an expression."""
    try:
        ast.literal_eval(ast.Expression(node) if isinstance(node, ast.expr) else node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def _shape(part: object) -> Iterator[str]:
    """Its nodes in their order. A variable is one, whether it is `x` or `self.x`; a keyword keeps its name."""
    if isinstance(part, list):
        yield f"[{len(part)}]"
        for item in part:
            yield from _shape(item)
    elif not isinstance(part, ast.AST):
        yield repr(part)
    elif isinstance(part, ast.Constant) or _is_variable(part):
        yield "literal" if isinstance(part, ast.Constant) else "variable"
    else:
        yield type(part).__name__
        for name in part._fields:
            if name not in MEANINGLESS:
                yield from _shape(getattr(part, name, None))


def _is_variable(node: ast.AST) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)
