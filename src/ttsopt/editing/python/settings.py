"""A named value in the forms that code gives it: an assignment, a parameter's default, an argument of a call."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ttsopt.editing.python.pattern import same
from ttsopt.editing.python.shape import is_literal
from ttsopt.editing.python.source import PythonSource

ASSIGNED = "an assignment"
DEFAULT = "a parameter's default"
ARGUMENT = "an argument of a call"
Given = tuple[ast.expr, str]


@dataclass(frozen=True, slots=True)
class Setting:
    """A name, the values that a patch expects of it, and the form in which it looks for them."""

    name: str
    values: tuple[ast.AST, ...]
    form: str


def setting_of(pattern: ast.AST) -> Setting | None:
    """The setting that a pattern such as `$OPTIONS.threads = 1` assigns; None for other patterns."""
    match pattern:
        case ast.Assign(targets=[ast.Name(id=name) | ast.Attribute(attr=name)], value=value):
            return Setting(name, (value,), ASSIGNED) if is_literal(value) else None
    return None


def settings_in(source: PythonSource, setting: Setting) -> Iterator[Given]:
    """Every value of that name that is one of the expected, with the form in which it is given."""
    for value, form in _given(source, setting.name):
        if any(same(expected, value) for expected in setting.values):
            yield value, form


def _given(source: PythonSource, name: str) -> Iterator[Given]:
    nodes = source.nodes(source.tree)
    for assign in nodes.get(ast.Assign, ()):
        assert isinstance(assign, ast.Assign)
        if any(_is(target, name) for target in assign.targets):
            yield assign.value, ASSIGNED
    for annotated in nodes.get(ast.AnnAssign, ()):
        assert isinstance(annotated, ast.AnnAssign)
        if annotated.value and _is(annotated.target, name):
            yield annotated.value, ASSIGNED
    for arguments in nodes.get(ast.arguments, ()):
        assert isinstance(arguments, ast.arguments)
        yield from ((value, DEFAULT) for value in defaults(arguments, name))
    for keyword in nodes.get(ast.keyword, ()):
        assert isinstance(keyword, ast.keyword)
        if keyword.arg == name:
            yield keyword.value, ARGUMENT


def defaults(arguments: ast.arguments, name: str) -> Iterator[ast.expr]:
    """The default of the parameter of that name, if it has one."""
    positional = arguments.posonlyargs + arguments.args
    with_default = positional[len(positional) - len(arguments.defaults) :]
    pairs: Sequence[tuple[ast.arg, ast.expr | None]] = [
        *zip(with_default, arguments.defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    return (value for one, value in pairs if one.arg == name and value is not None)


def _is(target: ast.expr, name: str) -> bool:
    return (isinstance(target, ast.Name) and target.id == name) or (
        isinstance(target, ast.Attribute) and target.attr == name
    )
