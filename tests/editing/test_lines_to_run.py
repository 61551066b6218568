"""Which lines must run before an edit counts as exercised."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import CodeType, FrameType
from typing import Any

import pytest

from ttsopt.domain.patch import (
    Edit,
    EnsureImport,
    Insert,
    Replace,
    SetArgument,
    SetConstant,
    SetDefault,
)
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
    return [(row.first, row.last) for row in evidence(raw, resolve(raw, edits).splices)]


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
    splices = resolve(raw, edits).splices
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
