"""Edits that give a value that is there another one: constants, defaults, keyword arguments."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ttsopt.domain.edits import SetArgument, SetConstant, SetDefault
from ttsopt.editing.checking import WrongCode, told, values
from ttsopt.editing.python.elsewhere import sought_setting
from ttsopt.editing.python.found import Found, parse_value, set_value
from ttsopt.editing.python.nearest import Candidate, nearest_candidate, nearest_definition
from ttsopt.editing.python.operation import Operation, check_pattern
from ttsopt.editing.python.pattern import find, parse_pattern
from ttsopt.editing.python.scopes import Definition, Function, scopes
from ttsopt.editing.python.settings import ARGUMENT, ASSIGNED, DEFAULT, defaults
from ttsopt.editing.python.source import PythonSource


def set_constant(source: PythonSource, edit: SetConstant) -> Found:
    """`NAME = old`, with or without an annotation, directly in the module or class that `scope` names."""
    found = Found()
    for scope in scopes(source.tree, edit.scope):
        for value in _assigned(scope.body, edit.name):
            found.merge(_set(source, value, edit, edit.name))
    return found


def set_default(source: PythonSource, edit: SetDefault) -> Found:
    """The default of one parameter of the functions that `scope` names."""
    found = Found()
    for scope in scopes(source.tree, edit.scope):
        if isinstance(scope, Function):
            for value in defaults(scope.args, edit.name):
                found.merge(_set(source, value, edit, f"the default of {edit.name}"))
    return found


def set_argument(source: PythonSource, edit: SetArgument) -> Found:
    """A keyword argument of every call that matches, also where the call's result is assigned."""
    found = Found()
    pattern = parse_pattern(edit.call)
    for scope in scopes(source.tree, edit.scope):
        for node, _ in find(source, scope, pattern):
            for value in _keyword(node, edit.name):
                found.merge(_set(source, value, edit, f"the argument {edit.name}"))
    return found


def _set(
    source: PythonSource, value: ast.expr, edit: SetConstant | SetDefault | SetArgument, what: str
) -> Found:
    return set_value(source, value, edit.old, edit.new, what, own=edit.own_values)


def _assigned(body: list[ast.stmt], name: str) -> Iterator[ast.expr]:
    for node in body:
        if isinstance(node, ast.Assign) and any(
            isinstance(t, ast.Name) and t.id == name for t in node.targets
        ):
            yield node.value
        if (
            isinstance(node, ast.AnnAssign)
            and isinstance(node.target, ast.Name)
            and node.target.id == name
            and node.value
        ):
            yield node.value


def _keyword(node: ast.AST, name: str) -> Iterator[ast.expr]:
    call = node.value if isinstance(node, ast.Assign | ast.Expr) else node
    if isinstance(call, ast.Call):
        yield from (keyword.value for keyword in call.keywords if keyword.arg == name)


def _check(edit: SetConstant | SetDefault | SetArgument) -> WrongCode:
    if not edit.name.isidentifier():
        yield edit.operation, f"{edit.name!r} is no name"
    for key, text in values(edit.old, edit.new):
        yield from told(key, parse_value, text)
    if isinstance(edit, SetArgument):
        yield from check_pattern("call", edit.call)


def _nearest_default(source: PythonSource, edit: SetDefault) -> Candidate | None:
    there = scopes(source.tree, edit.scope)
    if not there:
        return nearest_definition(source, edit.scope)
    node = there[0]
    assert isinstance(node, Definition)
    line = source.line(node.lineno).strip()
    return Candidate(node.lineno, line, f"no parameter `{edit.name}` with a default")


SET_CONSTANT = Operation(
    SetConstant,
    look=set_constant,
    check=_check,
    sought=lambda edit: sought_setting(edit.scope, edit.name, edit.old, ASSIGNED),
)
SET_DEFAULT = Operation(
    SetDefault,
    look=set_default,
    check=_check,
    nearest=_nearest_default,
    sought=lambda edit: sought_setting(edit.scope, edit.name, edit.old, DEFAULT),
)
SET_ARGUMENT = Operation(
    SetArgument,
    look=set_argument,
    check=_check,
    nearest=lambda source, edit: nearest_candidate(source, edit.scope, edit.call),
    sought=lambda edit: sought_setting(edit.scope, edit.name, edit.old, ARGUMENT),
)
