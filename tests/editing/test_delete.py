from __future__ import annotations

from collections.abc import Callable

import pytest

from ttsopt.domain.edits import Delete, Insert, Replace
from ttsopt.domain.patch import Edit
from ttsopt.domain.plan import EditAnswer, Status

Patched = Callable[..., bytes]
Answer = Callable[[str | bytes, Edit], EditAnswer]

GONE = {
    "a line with its comment": ("a = 1\nf(a)  # 注释\nb = 2\n", "a = 1\nb = 2\n"),
    "several lines": ("f(\r\n  1,\r\n)\r\nb = 2", "b = 2"),
    "the last line without an end": ("a = 1\nf(1)", "a = 1\n"),
    "all there is": ("f(1)\n", ""),
    "an emptied block": ("if a:\n\tf(1)  # why\nb = 2\n", "if a:\n\tpass\nb = 2\n"),
    "an emptied block of several": ("if a:\r\n  f(1)\r\n  # words\r\n  f(2)", "if a:\r\n  pass\r\n  # words\r\n"),
    "a one-line body": ("if a: f(1)  # why\n", "if a: pass  # why\n"),
    "part of a one-line body": ("if a: f(1); b = 2\n", "if a: b = 2\n"),
    "the whole of a one-line body": ("for x in a: f(1); f(x);\n", "for x in a: pass;\n"),
    "first of a line": ("f(1); b = 2  # c\n", "b = 2  # c\n"),
    "last of a line": ("b = 2; f(1)  # c\n", "b = 2  # c\n"),
    "the middle of a line": ("a; f(1); f(2); b\n", "a; b\n"),
    "both ends of a line": ("f(0); a; f(1); f(2)\n", "a\n"),
    "all of a line": ("a\nf(1); f(2);  # c\nb\n", "a\nb\n"),
    "a line that goes on": ("f(1); \\\n  b = 2\n", "b = 2\n"),
    "behind a backslash": ("if a: \\\n  f(1)\n", "if a: \\\n  pass\n"),
    "beside a docstring": ('def g():\n    """Doc."""\n    f(1)\n', 'def g():\n    """Doc."""\n'),
    "an else": ("if a:\n  b\nelse:\n  f(1)\n", "if a:\n  b\nelse:\n  pass\n"),
    "handlers and finally": (
        "try: f(1)\nexcept E:\n  f(1)\nfinally:\n  f(1)\n",
        "try: pass\nexcept E:\n  pass\nfinally:\n  pass\n",
    ),
    "a case": ("match a:\n  case 1:\n    f(1)\n", "match a:\n  case 1:\n    pass\n"),
    "a class": ("class A:\n\x0c  f(1)\n", "class A:\n\x0c  pass\n"),
    "an elif's body": ("if a:\n  b\nelif c:\n  f(1)\n", "if a:\n  b\nelif c:\n  pass\n"),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after"), GONE.values(), ids=GONE.keys())
def test_lines_go_whole_and_no_block_is_left_empty(
    patched: Patched, before: str, after: str
) -> None:
    edit = Delete(pattern="f($_)")
    assert patched(before, edit).decode() == after
    assert patched(after, edit).decode() == after


def test_several_deletions_of_one_patch_empty_a_block_together(patched: Patched) -> None:
    edits = [Delete(pattern="a = 1"), Delete(pattern="b = 2")]
    assert patched("if x:\n    a = 1\n    b = 2\n", *edits) == b"if x:\n    pass\n"
    assert patched("if x:\n    a = 1\n    b = 2\n", edits[1]) == b"if x:\n    a = 1\n"
    assert patched("if x: a = 1; b = 2\n", *edits) == b"if x: pass\n"


def test_what_lies_in_a_deleted_statement_goes_with_it(patched: Patched) -> None:
    edits = [Delete(pattern="b()"), Delete(pattern="if a: b()")]
    assert patched("if a:\n    b()\nc()\n", *edits) == b"c()\n"


def test_decorators_go_with_their_definition(patched: Patched) -> None:
    edit = Delete(pattern="@a\n@b(1)\ndef f(): pass")
    assert patched("x\n@a\n@b(1)\ndef f(): pass\ny\n", edit) == b"x\ny\n"


def test_only_what_is_a_statement_is_deleted(answer: Answer) -> None:
    assert answer("x = f(1)\n", Delete(pattern="f($_)")).status is Status.ABSENT


def test_in_its_scope(patched: Patched) -> None:
    source = "f(1)\ndef g():\n    f(1)\n    return 2\n"
    assert patched(source, Delete(pattern="f(1)", scope="g")) == b"f(1)\ndef g():\n    return 2\n"


def test_an_elif_is_refused(answer: Answer) -> None:
    found = answer("if a:\n  b()\nelif c:\n  d()\n", Delete(pattern="if c: d()"))
    assert (found.status, found.line) == (Status.REFUSED, 3)
    assert "elif" in found.reason


def test_other_values_are_refused_and_told(answer: Answer) -> None:
    found = answer("a = 1\ntime.sleep(0.5)  # wait\n", Delete(pattern="time.sleep(0.1)"))
    assert (found.status, found.line) == (Status.REFUSED, 2)
    assert found.difference == "`0.5` where the patch expects `0.1`"
    assert found.nearest == "time.sleep(0.5)  # wait"


def test_a_change_inside_of_what_is_deleted_conflicts(patched: Patched) -> None:
    with pytest.raises(ValueError, match="both change the same bytes"):
        patched("f(a)\n", Delete(pattern="f($_)"), Replace(pattern="a", replacement="b"))


def test_what_is_put_beside_it_stays(patched: Patched) -> None:
    new = Insert(code="b = 2", anchors=("f(1)",), place="after", pick="last")
    assert patched("a = 1\nf(1)\nc = 3\n", Delete(pattern="f(1)"), new) == b"a = 1\nb = 2\nc = 3\n"
