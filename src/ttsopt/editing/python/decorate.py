"""The edit that puts a decorator above the definitions that its scope names."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ttsopt.domain.edits import Decorate
from ttsopt.editing.checking import told
from ttsopt.editing.python.elsewhere import Sought
from ttsopt.editing.python.found import Draft, Found, Order, Wrong
from ttsopt.editing.python.layout import lay_out, line_before
from ttsopt.editing.python.nearest import difference, nearest_definition
from ttsopt.editing.python.operation import Operation
from ttsopt.editing.python.pattern import match, parse_pattern, parse_statements, same
from ttsopt.editing.python.scopes import Definition, scopes
from ttsopt.editing.python.source import PythonSource
from ttsopt.editing.unparsable import PatternError

# What must stay outermost: it makes a descriptor, which is no function any more.
DESCRIPTORS = frozenset({"staticmethod", "classmethod", "property", "cached_property"})
ACCESSORS = frozenset({"setter", "getter", "deleter"})


def decorate(source: PythonSource, edit: Decorate) -> Found:
    """Outermost, but below `@staticmethod`, `@property` and their like; not where the same one is already.

    Raises:
        PatternError: No scope is named, or the decorator is no expression.
    """
    wanted = parse_pattern(edit.decorator)
    if not edit.scope or not isinstance(wanted, ast.expr):
        raise PatternError(f"`@{edit.decorator}` needs a definition to stand above")
    found = Found()
    for scope in scopes(source.tree, edit.scope):
        if isinstance(scope, Definition):
            found.merge(_above(source, scope, edit, wanted))
    return found


def _above(source: PythonSource, node: Definition, edit: Decorate, wanted: ast.expr) -> Found:
    for there in node.decorator_list:
        if same(wanted, there):
            return Found(already=[there.lineno])
        if match(wanted, there, open_literals=True) is not None:
            reason = "it has the decorator with other values"
            apart = difference(wanted, there)
            return Found(wrong=[Wrong(there.lineno, reason, f"@{source.text(there)}", apart)])
    offset = _offset(source, node)
    code = lay_out(source, f"@{edit.decorator}", source.indentation(node))
    return Found(drafts=[Draft(offset, offset, code, node.lineno, Order.DECORATOR)])


def _offset(source: PythonSource, node: Definition) -> int:
    """The line of the first decorator that may stand below the new one, else that of the definition."""
    outer = [index for index, one in enumerate(node.decorator_list) if _makes_descriptor(one)]
    below = node.decorator_list[outer[-1] + 1 :] if outer else node.decorator_list
    if not below:
        return source.line_starts[node.lineno - 1]
    if not outer:
        return line_before(source, node)
    sign = source.data.rindex(b"@", 0, source.span(below[0])[0])
    return source.line_start(sign)


def _makes_descriptor(node: ast.expr) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr in DESCRIPTORS | ACCESSORS
    return isinstance(node, ast.Name) and node.id in DESCRIPTORS


def _sought(edit: Decorate) -> Iterator[Sought]:
    yield Sought(edit.scope, definition=edit.scope.rpartition(".")[2])


DECORATE = Operation(
    Decorate,
    look=decorate,
    check=lambda edit: told("decorate", parse_statements, f"@{edit.decorator}\ndef f(): pass"),
    nearest=lambda source, edit: nearest_definition(source, edit.scope),
    sought=_sought,
    adds_lines=True,
)
