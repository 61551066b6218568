"""Places within places, and text within strings that only looks like a placeholder."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ttsopt.domain.edits import Replace
from ttsopt.domain.plan import EditAnswer, Status

Patched = Callable[..., bytes]
Answer = Callable[[str | bytes, Replace], EditAnswer]


def change(pattern: str, replacement: str) -> Replace:
    return Replace(pattern=pattern, replacement=replacement)


@pytest.mark.parametrize(
    ("source", "edit", "expected"),
    [
        ("f(f(1))\n", change("f($X)", "g($X)"), "g(g(1))\n"),
        ("y = f(f(f(a)) + f(b))\n", change("f($X)", "$X + 1"), "y = (((a + 1) + 1) + (b + 1)) + 1\n"),
        ("f(h(f(a), k=f(b)))\n", change("f($X)", "[$X, $X]"), None),
        ("f(k=f(a))\n", change("f($$$A)", "g(1, $$$A)"), "g(1, k=g(1, a))\n"),
        ("f(f(1))\n", change("f($X)", "cached(f($X))"), "cached(f(cached(f(1))))\n"),
        ("cached(f(f(1)))\n", change("f($X)", "cached(f($X))"), "cached(f(cached(f(1))))\n"),
        ("y = f(lambda: f(a))\n", change("f($X)", "$X"), "y = lambda: a\n"),
    ],
)  # fmt: skip
def test_a_place_within_a_place_is_replaced_too(
    patched: Patched, source: str, edit: Replace, expected: str | None
) -> None:
    inner = "[h([a, a], k=[b, b]), h([a, a], k=[b, b])]\n"
    assert patched(source, edit).decode() == (expected or inner)
    assert patched(patched(source, edit), edit) == patched(source, edit)


def test_places_within_places_are_counted(answer: Answer) -> None:
    edit = Replace(pattern="f($X)", replacement="g($X)", minimum=2, maximum=2)
    assert answer("f(f(1))\n", edit).status is Status.APPLIED
    assert answer("f(f(f(1)))\n", edit).status is Status.REFUSED


@pytest.mark.parametrize(
    ("source", "edit"),
    [
        ("f(f(f(1)))\n", change("f(f($X))", "g($X)")),
        ("f(f(1))\n", change("f($_)", "g()")),
    ],
)
def test_places_that_overlap_are_refused(answer: Answer, source: str, edit: Replace) -> None:
    found = answer(source, edit)
    assert found.status is Status.REFUSED
    assert "overlap" in found.reason


@pytest.mark.parametrize(
    ("source", "edit", "expected"),
    [
        ("x = f(a)\n", change("f($X)", "g($X, '$X $$$Y')"), "x = g(a, '$X $$$Y')\n"),
        ("x = f('$X')\n", change("f('$X')", "g(\"$Z\")"), 'x = g("$Z")\n'),
        ("x = f(a)\n", change("f($X)", "g($X, r\"\"\"it's $X\"\"\")"), 'x = g(a, r"""it\'s $X""")\n'),
        ("x = f(a)\n", change("f($X)", "g(f'{$X}')"), "x = g(f'{a}')\n"),
        ("x = f(a)\n", change("x = f($X)", "x = $X  # isn't $X"), "x = a  # isn't $X\n"),
        ("x = f('it', a)\n", change("f('it', $X)", "'a\\'$X' + $X"), "x = 'a\\'$X' + a\n"),
    ],
)  # fmt: skip
def test_a_dollar_in_a_string_is_text(
    patched: Patched, source: str, edit: Replace, expected: str
) -> None:
    assert patched(source, edit).decode() == expected
