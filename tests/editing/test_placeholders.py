"""What a pattern's placeholders match, and what a replacement may use of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ttsopt.domain.edits import Replace
from ttsopt.domain.plan import EditAnswer, Status
from ttsopt.editing.resolve import resolve
from ttsopt.editing.unparsable import PatternError

Patched = Callable[..., bytes]
Answer = Callable[[str | bytes, Replace], EditAnswer]


def change(pattern: str, replacement: str) -> Replace:
    return Replace(pattern=pattern, replacement=replacement)


def test_same_placeholder_twice_means_the_same_expression(patched: Patched) -> None:
    source = "a = f(x.y, x.y)\nb = f(x.y, x.z)\nc = f(x.y, (x . y))\n"
    assert (
        patched(source, change("f($X, $X)", "g($X)"))
        == b"a = g(x.y)\nb = f(x.y, x.z)\nc = g(x.y)\n"
    )


def test_underscore_matches_anything_and_binds_nothing(patched: Patched) -> None:
    assert patched("a = f(1, 2)\nb = f(1)\n", change("f($_, $_)", "g()")) == b"a = g()\nb = f(1)\n"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("f()", "g(1)"),
        ("f(a)", "g(a, 1)"),
        ("f(a, *b, c=d, **e)", "g(a, *b, c=d, **e, 1)"),
        ("f(\n    a,  # first\n    b,\n)", "g(a, b, 1)"),
    ],
)
def test_a_run_takes_all_arguments(
    patched: Patched, answer: Answer, call: str, expected: str
) -> None:
    edit = change("f($$$A)", "g($$$A, 1)")
    if "=" in call:
        found = answer(f"y = {call}\n", edit)
        assert found.status is Status.REFUSED
        assert "does not fit" in found.reason
    else:
        assert patched(f"y = {call}\n", edit).decode() == f"y = {expected}\n"


def test_keywords_match_in_any_order_and_a_run_takes_the_rest(patched: Patched) -> None:
    edit = change("f($A, $$$R, k=$K)", "g($A, $$$R)")
    source = "f(1, z=2, k=3)\nf(1, k=3, z=2)\nf(1, 4, k=3)\nf(1, k=3)\nf(1, z=2)\n"
    assert patched(source, edit) == b"g(1, z=2)\ng(1, z=2)\ng(1, 4)\ng(1, )\nf(1, z=2)\n"


def test_one_placeholder_is_no_spread_and_no_slice(answer: Answer) -> None:
    assert answer("f(*a)\n", change("f($X)", "g($X)")).status is Status.ABSENT
    assert answer("a[1:2]\n", change("a[$X]", "b($X)")).status is Status.ABSENT


def test_keyword_spread_does_not_match_a_fixed_list(answer: Answer) -> None:
    assert answer("f(1, **k)\n", change("f($X)", "g($X)")).status is Status.ABSENT


def test_values_compare_by_meaning_and_type(answer: Answer) -> None:
    assert answer('f("a")\n', change("f('a')", "g()")).status is Status.APPLIED
    assert answer("f(0x20)\n", change("f(32)", "g()")).status is Status.APPLIED
    assert answer("f(True)\n", change("f(1)", "g()")).status is Status.REFUSED
    assert answer("f(1.0)\n", change("f(1)", "g()")).status is Status.REFUSED


@pytest.mark.parametrize("pattern", ["f(", "a = 1\nb = 2", ""])
def test_a_pattern_must_be_one_piece_of_python(pattern: str) -> None:
    with pytest.raises(PatternError):
        resolve("a.py", b"a\n", [change(pattern, "b")])


def test_a_replacement_cannot_use_what_was_not_found() -> None:
    with pytest.raises(PatternError, match="Y"):
        resolve("a.py", b"f(1)\n", [change("f($X)", "g($Y)")])
