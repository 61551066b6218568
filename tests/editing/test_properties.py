"""What holds for every file and every edit: against transforms of the tree that share no code with the engine."""

from __future__ import annotations

import ast
import copy
import textwrap
from collections.abc import Callable, Sequence

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from ttsopt.domain.patch import Edit, EnsureImport, Insert, Replace, SetConstant, SetDefault
from ttsopt.domain.plan import Splice, Status
from ttsopt.editing.compose import ConflictError, compose, compose_python
from ttsopt.editing.resolve import resolve

quick = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
thorough = settings(max_examples=6000, deadline=None, suppress_health_check=list(HealthCheck))

# --- modules -------------------------------------------------------------------------------------

ATOMS = [
    "a",
    "b.c",
    "xs[0]",
    "7",
    "1.5",
    "None",
    "'语音 🎙'",
    '"é\\n"',
    "b'x'",
    "{'k': a}",
    "f'{a}语{b!r}'",
]
FORMS = [
    "f({0})",
    "f({0})",
    "h({0}, k={1})",
    "h(*{0}, **{1})",
    "{0} + {1}",
    "({0}, {1})",
    "[{0}, {1}]",
    "-({0})",
    "(not {0})",
    "(lambda: {0})",
    "(({0}) if ({1}) else a)",
    "[x for x in ({0})]",
    "any(x for x in({0}))",
    "({0} \n    and {1})",
    "{{{0}: {1}}}",
    "({0}).d",
    "({0} if({1})else b)",
    "'''语\n  {{}}🎙''' % {0}",
    "({0}).d[{1}:]",
]


@st.composite
def expressions(draw: st.DrawFn, depth: int = 2, inside: bool = False) -> str:
    """An expression; calls of `f` are not nested in one another (those two changes would overlap)."""
    forms = [form for form in FORMS if not (inside and form.startswith("f("))]
    form = (
        draw(st.sampled_from(forms))
        if depth
        else draw(st.sampled_from(["{0}", "f(a)"][: 2 - inside]))
    )
    if not depth:
        return form.format(draw(st.sampled_from(ATOMS))) if "{0}" in form else form
    inner = inside or form.startswith("f(")
    return form.format(
        *(draw(expressions(depth - draw(st.integers(1, depth)), inner)) for _ in range(2))
    )


SIMPLE = [
    "y = {0}",
    "{0}",
    "y = {0}; z = {1}  # 注释",
    "y = 1 + \\\n    ({0})",
    "assert {0}",
    "mark()",
    "y: int = {0}",
]
BLOCKS = [
    "if {0}: y = {1}",
    "if {0}:\n{body}\nelif {1}:\n{body}\nelse:\n{body}",
    "for x in {0}:\n{body}",
    "try:\n{body}\nexcept E:\n{body}\nfinally:\n{body}",
    "with {0} as w:\n{body}",
    "while {0}:\n{body}",
    "def m(n=32, *, k={0}):\n{body}\n    return {1}",
    "@f(a)\nasync def m(p, n=32) -> {0}:\n{body}",
    "class K(a):\n    '''Doc 语.'''\n    LIMIT = 32\n{body}",
    "def m(self, /, n={0}): return({1})",
    "match a:\n    case 1 if {0}:\n{deep}",
]


@st.composite
def blocks(draw: st.DrawFn, depth: int = 2) -> str:
    """Statements of one block, indented by four blanks a level."""
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 3))):
        form = draw(st.sampled_from(SIMPLE + (BLOCKS * 2 if depth else [])))
        body = (
            textwrap.indent(draw(blocks(depth - 1)), "    ")
            if "body" in form or "deep" in form
            else ""
        )
        values = [draw(expressions()) for _ in range(2)]
        deep = textwrap.indent(body, "    ")
        lines += draw(st.sampled_from([[], ["# 语音 🎙"], [""], ["\x0c"]]))
        lines.append(form.format(*values, body=body, deep=deep))
    return "\n".join(lines)


@st.composite
def modules(draw: st.DrawFn) -> bytes:
    """A module's bytes: any of the layouts that checkouts have come in."""
    head = draw(st.sampled_from(["", "#!/usr/bin/env python", '"""Doc."""', "# 许可证"]))
    imports = draw(
        st.sampled_from(["", "import sys", "from __future__ import annotations\nimport sys, re"])
    )
    constant = draw(
        st.sampled_from(["LIMIT = 32", "LIMIT: int = 32", "LIMIT=32 # 上限", "x = LIMIT = (32)"])
    )
    text = "\n".join(filter(None, [head, imports, constant])) + "\n" + draw(blocks())
    unit = draw(st.sampled_from(["    ", "\t", "  "]))
    lines = [_reindent(line, unit) for line in text.split("\n")]
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    mark, end = draw(st.sampled_from(["", "\ufeff"])), draw(st.sampled_from(["", newline]))
    return (mark + newline.join(lines) + end).encode()


def _reindent(line: str, unit: str) -> str:
    body = line.lstrip(" ")
    levels, rest = divmod(len(line) - len(body), 4)
    return unit * levels + " " * rest + body


# --- edits, and the same as transforms of the tree -----------------------------------------------

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


EDITS = [
    *map(calls, REPLACEMENTS),
    constant(),
    default(),
    imported(),
    insertion("after", "k = 1\nif k:\n    k = '语'"),
    insertion("before", "t = f(**a)"),
]


def dumped(tree: ast.Module) -> str:
    return ast.dump(tree)


def check_one_edit(raw: bytes, edit: Edit, transform: Transform) -> None:
    found = resolve(raw, [edit])
    event(f"{type(edit).__name__} {found.answers[0].status.value}")
    if found.answers[0].status is not Status.APPLIED:
        assert not found.splices
        return
    after = compose_python(raw, found.splices)
    expected = transform(copy.deepcopy(ast.parse(raw)))
    assert dumped(ast.parse(after)) == dumped(expected)
    check_other_lines_are_kept(raw, after, found.splices)
    again = resolve(after, [edit])
    assert again.answers[0].status in {Status.ALREADY, Status.ABSENT}
    assert not again.splices


def check_other_lines_are_kept(raw: bytes, after: bytes, splices: Sequence[Splice]) -> None:
    """Lines that no change touches are there afterwards, in their order, byte for byte."""
    kept, position = [], 0
    for line in raw.splitlines(keepends=True):
        end = position + len(line)
        touched = any(
            (s.start < end and s.end > position) or position < s.start == s.end < end
            for s in splices
        )
        if not touched and not (end == len(raw) and any(s.start == end for s in splices)):
            kept.append(line)
        position = end
    lines = iter(after.splitlines(keepends=True))
    assert all(line in lines for line in kept)


def check_two_patches(raw: bytes, first: Edit, second: Edit) -> None:
    one, two = resolve(raw, [first]).splices, resolve(raw, [second]).splices
    try:
        both = compose_python(raw, [*one, *two])
    except ConflictError:
        event("conflict")
        with pytest.raises(ConflictError):
            compose_python(raw, [*two, *one])
        return
    event("both")
    assert compose_python(raw, [*two, *one]) == both
    left = [splice for splice in [*one, *two] if splice not in one or splice in two]
    assert compose(raw, left) == compose(raw, two)


@quick
@given(modules(), st.sampled_from(EDITS))
def test_an_edit_is_what_it_says_and_nothing_else(raw: bytes, pair: tuple[Edit, Transform]) -> None:
    check_one_edit(raw, *pair)


@quick
@given(modules(), st.sampled_from(EDITS), st.sampled_from(EDITS))
def test_patches_commute_and_leave_alone(
    raw: bytes, one: tuple[Edit, Transform], two: tuple[Edit, Transform]
) -> None:
    check_two_patches(raw, one[0], two[0])


@pytest.mark.slow
@thorough
@given(modules(), st.sampled_from(EDITS), st.sampled_from(EDITS))
def test_all_of_it_many_times(
    raw: bytes, one: tuple[Edit, Transform], two: tuple[Edit, Transform]
) -> None:
    check_one_edit(raw, *one)
    check_two_patches(raw, one[0], two[0])


@quick
@given(modules())
def test_the_generator_makes_modules(raw: bytes) -> None:
    ast.parse(raw)
