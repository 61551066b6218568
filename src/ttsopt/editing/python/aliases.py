"""Names that stand for a dotted one: `from torch import cuda`, `import torch as t`, `cuda = torch.cuda`."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Mapping

from ttsopt.editing.python.source import PythonSource

Aliases = Mapping[str, str]
# What patterns call these modules, as nearly all code does.
CONVENTIONAL: Aliases = {"np": "numpy", "nn": "torch.nn", "F": "torch.nn.functional"}


def aliases_of(source: PythonSource) -> Aliases:
    """Every name of a file that an import, or an assignment at its top, makes short for a dotted one."""
    names: dict[str, str] = {}
    modules: set[str] = set()
    for node in source.nodes(source.tree).get(ast.Import, ()):
        assert isinstance(node, ast.Import)
        names |= {one.asname: one.name for one in node.names if one.asname}
        modules |= {one.name.partition(".")[0] for one in node.names if not one.asname}
    for node in source.nodes(source.tree).get(ast.ImportFrom, ()):
        assert isinstance(node, ast.ImportFrom)
        if node.module and not node.level:
            names |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    return names | dict(_assigned(source, names, modules))


def alias_in(node: ast.AST, aliases: Aliases) -> str:
    """The first alias that a piece of code uses; empty for none."""
    names = (inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name))
    return next((name for name in names if name in aliases), "")


def spelled_out(node: ast.AST, aliases: Aliases) -> ast.AST:
    """A copy with every alias as the dotted name that it stands for."""
    spelled = _Speller(aliases).visit(copy.deepcopy(node))
    assert isinstance(spelled, ast.AST)
    return spelled


class _Speller(ast.NodeTransformer):
    def __init__(self, aliases: Aliases) -> None:
        self._aliases = aliases

    def visit_Name(self, node: ast.Name) -> ast.expr:
        first, *rest = self._aliases.get(node.id, node.id).split(".")
        value: ast.expr = ast.Name(first, node.ctx)
        for name in rest:
            value = ast.Attribute(value, name, node.ctx)
        return ast.copy_location(value, node)


def _assigned(source: PythonSource, names: Aliases, modules: set[str]) -> Iterator[tuple[str, str]]:
    """`cuda = torch.cuda` and its like: parts of imported modules that got a name of their own."""
    for node in source.tree.body:
        if not (isinstance(node, ast.Assign) and isinstance(node.value, ast.Attribute)):
            continue
        root = ast.unparse(node.value).partition(".")[0]
        if root in names or root in modules:
            dotted = ast.unparse(spelled_out(node.value, names))
            yield from ((one.id, dotted) for one in node.targets if isinstance(one, ast.Name))
