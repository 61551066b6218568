"""Edits beside the same as transforms of the tree, which share no code with the engine."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from ttsopt.domain.edits import (
    Decorate,
    Delete,
    EnsureImport,
    Insert,
    Replace,
    SetConstant,
    SetDefault,
)
from ttsopt.domain.patch import Edit

Transform = Callable[[ast.Module], ast.Module]
REPLACEMENTS = [
    "g($X)",
    "$X + 1",
    "$X or b",
    "-$X",
    "lambda: $X",
    "$X if ready else b",
    "$X, 2",
    "[$X]",
    "$X.real",
    "cached",
    "cached(f($X))",
    "g($X, k='语')",
]


class Hole(ast.NodeTransformer):
    def __init__(self, value: ast.expr) -> None:
        self.value = value

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.value if node.id == "HOLE" else node


class Without(ast.NodeTransformer):
    """Takes out the statements that a test names; an emptied block gets its `pass`."""

    def __init__(self, gone: Callable[[ast.stmt], bool]) -> None:
        self.gone = gone

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list) and block:
                left = [line for line in block if not self.gone(line)]
                setattr(node, name, left or ([] if isinstance(node, ast.Module) else [ast.Pass()]))
        return node


class Calls(ast.NodeTransformer):
    """Every `f(x)` becomes the template with x in its hole."""

    def __init__(self, template: str) -> None:
        self.template = template.replace("$X", "HOLE")

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if (
            ast.dump(node.func) != ast.dump(ast.Name("f", ast.Load()))
            or node.keywords
            or len(node.args) != 1
        ):
            return self.generic_visit(node)  # type: ignore[return-value]
        self.generic_visit(node)
        filled = Hole(node.args[0]).visit(ast.parse(f"({self.template})", mode="eval").body)
        assert isinstance(filled, ast.expr)
        return filled


class Defaults(ast.NodeTransformer):
    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant(7) if node.value == 32 else node


def calls(template: str) -> tuple[Edit, Transform]:
    def transform(tree: ast.Module) -> ast.Module:
        made = Calls(template).visit(tree)
        assert isinstance(made, ast.Module)
        return made

    return Replace(pattern="f($X)", replacement=template), transform


def constant() -> tuple[Edit, Transform]:
    def transform(tree: ast.Module) -> ast.Module:
        for node in tree.body:
            names = ast.dump(node) if isinstance(node, ast.Assign | ast.AnnAssign) else ""
            if "Name(id='LIMIT', ctx=Store())" in names:
                Defaults().visit(node)
        return tree

    return SetConstant(name="LIMIT", old=("32",), new="7"), transform


def default() -> tuple[Edit, Transform]:
    def transform(tree: ast.Module) -> ast.Module:
        for node in _definitions(tree.body):
            args = getattr(node, "args", None)
            if isinstance(args, ast.arguments) and getattr(node, "name", "") == "m":
                args.defaults = [Defaults().visit(value) for value in args.defaults]
        return tree

    return SetDefault(scope="m", name="n", old=("32",), new="7", optional=True), transform


def deletion(pattern: str, gone: Callable[[ast.stmt], bool]) -> tuple[Edit, Transform]:
    def transform(tree: ast.Module) -> ast.Module:
        made = Without(gone).visit(tree)
        assert isinstance(made, ast.Module)
        return made

    return Delete(pattern=pattern), transform


def is_mark(node: ast.stmt) -> bool:
    return ast.unparse(node) == "mark()"


def is_call(node: ast.stmt) -> bool:
    call = node.value if isinstance(node, ast.Expr) else None
    if not isinstance(call, ast.Call) or call.keywords or len(call.args) != 1:
        return False
    return ast.unparse(call.func) == "f" and not isinstance(call.args[0], ast.Starred)


def decoration() -> tuple[Edit, Transform]:
    def transform(tree: ast.Module) -> ast.Module:
        for node in _definitions(tree.body):
            assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            if node.name == "m":
                outer = [
                    ast.unparse(one) in {"staticmethod", "f.setter"} for one in node.decorator_list
                ]
                at = max((index + 1 for index, is_outer in enumerate(outer) if is_outer), default=0)
                node.decorator_list.insert(at, ast.parse("deco(k=1)", mode="eval").body)
        return tree

    return Decorate(scope="m", decorator="deco(k=1)"), transform


def _definitions(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """Functions that a module binds: in blocks of `if`, `try` and `with` too, not in loops or definitions."""
    found = [node for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    for node in body:
        if isinstance(node, ast.If | ast.Try | ast.With):
            handlers = [line for handler in getattr(node, "handlers", []) for line in handler.body]
            inner = [
                *node.body,
                *getattr(node, "orelse", []),
                *handlers,
                *getattr(node, "finalbody", []),
            ]
            found += _definitions(inner)  # type: ignore[arg-type]
    return found  # type: ignore[return-value]


def insertion(place: str, code: str) -> tuple[Edit, Transform]:
    def transform(tree: ast.Module) -> ast.Module:
        marks = [
            (line.lineno, body, body.index(line))
            for node in ast.walk(tree)
            for name in ("body", "orelse", "finalbody")
            if isinstance(body := getattr(node, name, None), list)
            for line in body
            if ast.unparse(line) == "mark()"
        ]
        if marks:
            _, body, index = (max if place == "after" else min)(marks, key=lambda mark: mark[0])
            at = index + (place == "after")
            body[at:at] = ast.parse(code).body
        return tree

    pick = "last" if place == "after" else "first"
    return Insert(code=code, anchors=("mark()",), place=place, pick=pick), transform


def imported() -> tuple[Edit, Transform]:
    def transform(tree: ast.Module) -> ast.Module:
        at = 1 if ast.get_docstring(tree) is not None else 0
        for index, node in enumerate(tree.body):
            if isinstance(node, ast.ImportFrom) and node.module == "__future__":
                at = index + 1
        tree.body[at:at] = ast.parse("import os").body
        return tree

    return EnsureImport(statement="import os"), transform


DELETIONS = [
    deletion("mark()", is_mark),
    deletion("assert $X", lambda node: isinstance(node, ast.Assert)),
    deletion("f($X)", is_call),
    deletion("y = $X", lambda node: ast.unparse(node).startswith("y = ")),
]
EDITS = [
    *DELETIONS,
    decoration(),
    *map(calls, REPLACEMENTS),
    constant(),
    default(),
    imported(),
    insertion("after", "k = 1\nif k:\n    k = '语'"),
    insertion("before", "t = f(**a)"),
]
