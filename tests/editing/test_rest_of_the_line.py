"""What stands beside an edit on its line, or above it, never changes its meaning unsaid."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ttsopt.domain.edits import Decorate, Insert, Replace, SetArgument, SetConstant
from ttsopt.domain.patch import Edit
from ttsopt.domain.plan import EditAnswer, Status
from ttsopt.editing.compose import compose_checked
from ttsopt.editing.resolve import resolve
from ttsopt.editing.unparsable import PatternError

Patched = Callable[..., bytes]
Answer = Callable[[str | bytes, Edit], EditAnswer]


def replaced(pattern: str, replacement: str) -> Replace:
    return Replace(pattern=pattern, replacement=replacement)


@pytest.mark.parametrize(
    ("source", "edit", "reason"),
    [
        ("y = slow(1) * 2\n", replaced("slow($X)", "fast($X)  # note"), "ends in a comment"),
        ("x = 1; y = 2\n", replaced("x = $V", "x = 2  # note"), "shares its line"),
        ("x = 1; y = 2\n", replaced("x = $V", "if d: x = $V"), "shares its line"),
    ],
)
def test_a_replacement_never_takes_in_what_follows(
    answer: Answer, source: str, edit: Replace, reason: str
) -> None:
    found = answer(source, edit)
    assert found.status is Status.REFUSED
    assert reason in found.reason


def test_a_comment_that_takes_in_nothing_is_fine(patched: Patched) -> None:
    edit = replaced("x = $V", "x = 2  # note")
    assert patched("x = 1  # old\n", edit) == b"x = 2  # note  # old\n"
    sign = replaced("x = $V", 'x = "#"')
    assert patched("x = 1; y = 2\n", sign) == b'x = "#"; y = 2\n'


@pytest.mark.parametrize(
    "edit",
    [
        SetArgument(call="f($$$A)", name="x", old=("1",), new="7  # fast"),
        SetConstant(name="X", old=("1",), new="7  # fast"),
    ],
)
def test_a_value_with_a_comment_is_a_mistake_of_the_patch(answer: Answer, edit: Edit) -> None:
    with pytest.raises(PatternError, match="comment"):
        answer("f(x=1, y=2\n)\nX = 1\n", edit)


def test_a_set_in_an_f_string_is_no_escaped_brace(patched: Patched) -> None:
    edit = replaced("slow($X)", "{$X}")
    data = patched('a = f"{slow(x)}"\n', edit)
    assert data == b'a = f"{({x})}"\n'


@pytest.mark.parametrize("place", ["before", "after"])
def test_no_line_is_put_in_beside_a_statement_behind_a_backslash(
    answer: Answer, place: str
) -> None:
    source = "def f():\n    if x: \\\n    go()\n    end()\n"
    edit = Insert(code="new()", anchors=("go()",), place=place, pick="first")
    assert answer(source, edit).status is Status.REFUSED


def test_a_comment_that_ends_in_a_backslash_is_a_comment(patched: Patched) -> None:
    edit = Insert(code="new()", anchors=("go()",), place="before", pick="first")
    assert patched("# in C:\\\ngo()\n", edit) == b"# in C:\\\nnew()\ngo()\n"


def test_text_over_several_lines_is_put_in_as_it_is(patched: Patched) -> None:
    code = 'words = """one\n  two\n\nthree"""\nsay(words)'
    edit = Insert(code=code, anchors=("go()",), place="after", pick="first")
    expected = 'if a:\n    go()\n    words = """one\n  two\n\nthree"""\n    say(words)\n'
    assert patched("if a:\n    go()\n", edit) == expected.encode()


def test_a_docstring_is_laid_out_with_its_function(patched: Patched) -> None:
    code = 'def new():\n    """Words.\n\n    More.\n    """'
    edit = Insert(code=code, anchors=("go()",), place="after", pick="first")
    data = patched("if a:\n    go()\n", edit)
    assert b"        More.\n" in data


def test_another_patch_cannot_come_between_a_decorator_and_its_function() -> None:
    source = b"def f():\n    pass\n"
    anchored = Insert(code="a = 1", anchors=("def f(): pass",), place="before", pick="first")
    one = resolve("a.py", source, [anchored, Decorate(scope="f", decorator="kept")])
    other = Insert(code="def g(): pass", anchors=anchored.anchors, place="before", pick="first")
    two = resolve("a.py", source, [other])
    data = compose_checked("a.py", source, [*one.splices, *two.splices])
    assert data == b"a = 1\ndef g(): pass\n@kept\ndef f():\n    pass\n"
