"""Which lines must run before an edit counts as exercised."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import CodeType, FrameType
from typing import Any

import pytest

from ttsopt.domain.edits import (
    Decorate,
    Delete,
    EnsureImport,
    Insert,
    Replace,
    SetArgument,
    SetConstant,
    SetDefault,
)
from ttsopt.domain.patch import Edit
from ttsopt.editing.compose import compose
from ttsopt.editing.evidence import evidence
from ttsopt.editing.resolve import resolve

SOURCE = b"""\
STEPS = 32


def infer(
    x,
    steps=32,
):
    \"\"\"Speak.\"\"\"
    if x:
        y = weigh(
            1,
            2,
        )
        return [y, steps]
    return None


def weigh(a, b):
    return a + b
"""
DEFAULT = SetDefault(scope="infer", name="steps", old=("32",), new="7")
CONSTANT = SetConstant(name="STEPS", old=("32",), new="7")
ARGUMENT = Replace(scope="infer", pattern="weigh(1, $B)", replacement="weigh(1, -$B)")
LINES = Insert(
    scope="infer", code="z = 1\n\nz += 1", anchors=("y = $_",), place="after", pick="last"
)


def ranges(raw: bytes, *edits: Edit) -> list[tuple[int, int]]:
    return [(row.first, row.last) for row in evidence(raw, resolve("a.py", raw, edits).splices)]


def test_a_default_asks_for_the_body_of_its_function() -> None:
    assert ranges(SOURCE, DEFAULT) == [(8, 15)]


def test_a_value_asks_for_its_statement() -> None:
    assert ranges(SOURCE, CONSTANT) == [(1, 1)]
    assert ranges(SOURCE, ARGUMENT) == [(10, 10)]


def test_inserted_lines_ask_for_themselves_in_the_composed_file() -> None:
    assert ranges(SOURCE, LINES, EnsureImport(statement="import os")) == [(1, 1), (15, 17)]


def test_line_ends_and_marks_do_not_shift_lines() -> None:
    raw = b"\xef\xbb\xbf" + SOURCE.replace(b"\n", b"\r\n")
    assert ranges(raw, DEFAULT, LINES) == [(8, 18), (14, 16)]


def test_a_header_is_not_its_block() -> None:
    raw = b"def f(x):\n    if g(x):\n        return 1\n    return 2\n"
    assert ranges(raw, Replace(pattern="g($X)", replacement="h($X)")) == [(2, 2)]


def executed(raw: bytes, edits: Sequence[Edit], call: str) -> list[bool]:
    """Runs the composed file under a trace, as the worker does, and says which splices were seen."""
    splices = resolve("a.py", raw, edits).splices
    code: CodeType = compile(compose(raw, splices), "traced.py", "exec")
    seen: set[int] = set()

    def trace(frame: FrameType, event: str, arg: Any) -> Any:
        if frame.f_code.co_filename != "traced.py":
            return None
        if event == "line":
            seen.add(frame.f_lineno)
        return trace

    names: dict[str, Any] = {}
    outer = sys.gettrace()
    sys.settrace(trace)
    try:
        exec(code, names)  # noqa: S102
        eval(call, names)  # noqa: S307
    finally:
        sys.settrace(outer)
    return [any(row.first <= line <= row.last for line in seen) for row in evidence(raw, splices)]


@pytest.mark.parametrize(("call", "ran"), [("None", False), ("infer(1)", True)])
def test_a_default_counts_only_when_its_function_runs(call: str, ran: bool) -> None:
    assert executed(SOURCE, [DEFAULT], call) == [ran]


@pytest.mark.parametrize(("call", "ran"), [("infer(0)", False), ("infer(1)", True)])
def test_a_branch_that_is_not_taken_does_not_count(call: str, ran: bool) -> None:
    assert executed(SOURCE, [ARGUMENT, LINES], call) == [ran, ran]


def test_an_argument_on_a_line_of_its_own_is_seen_with_its_call() -> None:
    raw = b"def f(**k): return k\nx = f(\n    a=1,\n    value=32,\n)\n"
    edit = SetArgument(call="f($$$A)", name="value", old=("32",), new="7")
    assert executed(raw, [edit], "None") == [True]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a = 1\nf(1)\nb = (\n  2)\n", (2, 3)),
        ("a = 1\nf(1)\nif a:\n    b\n", (2, 2)),
        ("a = 1\nf(1)\n@d\ndef g(): 1\n", (3, 3)),
        ("a = 1\nf(1)\nf(1)\nb = 2\n", (2, 2)),
        ("if a:\n    b = 1\n    c = 2\n    f(1)\nd = 3\n", (3, 3)),
        ("if a:\n    f(1)\nb = 2\n", (2, 2)),
        ("b = 2; f(1); c = 3\n", (1, 1)),
        ("a = 1\nf(1)", (1, 1)),
        ("f(1)\n", (1, 1)),
    ],
)
def test_what_is_deleted_asks_for_the_statement_beside_it(
    source: str, expected: tuple[int, int]
) -> None:
    assert set(ranges(source.encode(), Delete(pattern="f(1)"))) == {expected}


def test_deletions_and_insertions_do_not_shift_each_other() -> None:
    raw = b"f(1)\na = 1\nf(1)\nb = 2\n"
    new = Insert(code="x = 1\ny = 2", anchors=("a = 1",), place="before", pick="first")
    assert ranges(raw, Delete(pattern="f(1)"), new) == [(3, 3), (1, 2), (4, 4)]


def test_a_decorator_asks_for_the_body_of_its_function() -> None:
    raw = b"class A:\n    @a\n    def m(self):\n        x = 1\n        return x\n"
    (row,) = evidence(raw, resolve("a.py", raw, [Decorate(scope="A.m", decorator="b")]).splices)
    assert (row.first, row.last, row.at_import) == (5, 6, False)


@pytest.mark.parametrize(("call", "ran"), [("m(0)", False), ("m(1)", True), ("None", False)])
def test_a_deletion_counts_only_when_its_block_runs(call: str, ran: bool) -> None:
    raw = b"def m(x):\n    if x:\n        y = 1\n        print(end='')\n    return 2\n"
    assert executed(raw, [Delete(pattern="print($$$A)")], call) == [ran]


@pytest.mark.parametrize(("call", "ran"), [("m()", True), ("None", False)])
def test_a_decorator_counts_only_when_its_function_runs(call: str, ran: bool) -> None:
    raw = b"def d(f): return f\ndef m():\n    return 2\n"
    assert executed(raw, [Decorate(scope="m", decorator="d")], call) == [ran]
