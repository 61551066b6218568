from __future__ import annotations

import pytest

from ttsopt.domain.plan import Splice
from ttsopt.editing.compose import ConflictError, compose, compose_checked, place

RAW = b"a = 1\nb = 2\n"
ONE = Splice(4, 5, b"1", b"one()")
TWO = Splice(10, 11, b"2", b"")
NEW = Splice(6, 6, b"", b"z = 0\n")
OTHER = Splice(6, 6, b"", b"y = 0\n")


def test_no_splices_give_the_original() -> None:
    assert compose(RAW, []) == RAW


def test_order_and_repetition_do_not_matter() -> None:
    assert compose(RAW, [TWO, NEW, ONE, OTHER, NEW]) == b"a = one()\ny = 0\nz = 0\nb = \n"
    assert compose(RAW, [ONE, OTHER, NEW, TWO]) == compose(RAW, [NEW, OTHER, TWO, ONE])


@pytest.mark.parametrize(
    "other", [Splice(4, 5, b"1", b"two()"), Splice(0, 5, b"a = 1", b""), Splice(3, 6, b" 1\n", b"")]
)
def test_two_changes_of_the_same_bytes_conflict(other: Splice) -> None:
    with pytest.raises(ConflictError, match="same bytes"):
        compose(RAW, [ONE, other])


def test_an_insertion_inside_replaced_bytes_conflicts() -> None:
    with pytest.raises(ConflictError):
        compose(RAW, [Splice(0, 5, b"a = 1", b"x"), Splice(2, 2, b"", b"y")])


@pytest.mark.parametrize("splice", [Splice(4, 5, b"9", b"x"), Splice(11, 14, b"\nzz", b"x")])
def test_splices_of_another_original_conflict(splice: Splice) -> None:
    with pytest.raises(ConflictError, match="not those"):
        compose(RAW, [splice])


def test_place_points_at_what_was_put_in() -> None:
    composed = compose(RAW, [ONE, NEW, TWO])
    for row in place(RAW, [TWO, ONE, NEW]):
        assert composed[row.start : row.end] == row.splice.inserted


def test_a_result_that_is_no_python_conflicts_with_its_line() -> None:
    with pytest.raises(ConflictError, match="line 2"):
        compose_checked("a.py", RAW, [TWO])
