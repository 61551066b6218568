"""The quick way to the nodes below one gives what `ast` gives, but for contexts and operators."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import ttsopt
from ttsopt.boundary.syntax_tree import children

RARE = """
from __future__ import annotations
import a.b as c, d
from .e import f as g, h
global_: int = 1
x: int
def k(a, /, b: int = 1, *c, d, e=2, **f) -> None:
    global y
    def inner():
        nonlocal a
    try:
        raise ValueError from None
    except (A, B) as error:
        pass
    else:
        del a[1:2, ...], b.c
    finally:
        assert a, b
async def m():
    async with a as b, c:
        await d
    async for e in f:
        yield (yield from g)
    return [x async for x in y if z]
match a:
    case [1, *rest] | {"k": v, **others} if v: ...
    case A(b, c=d) as e: ...
    case None | a.b: ...
while (n := 1) < 2 <= 3: continue
w = lambda q, *r: {**s, t: u} if not -1 else {v for v in b"x"}
text = f"{a!r:>{width}} {b}"
@decorated(*args, key=value, **kwargs)
class C(D, metaclass=E): z += 1
"""
# Nodes that hold nothing, and of which there is one of a kind.
SHARED = (ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop)
FILES = sorted(Path(ttsopt.__path__[0]).rglob("*.py"))[::10]


@pytest.mark.parametrize("source", [RARE, *(path.read_text("utf-8") for path in FILES)])
def test_every_node_has_the_children_that_ast_gives_it(source: str) -> None:
    for node in ast.walk(ast.parse(source)):
        expected = [one for one in ast.iter_child_nodes(node) if not isinstance(one, SHARED)]
        assert children(node) == expected
