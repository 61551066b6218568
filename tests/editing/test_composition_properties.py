"""Any two patches of one file: the same in either order, each as it is alone, or a conflict in both orders."""

from __future__ import annotations

import pytest
from edit_checks import resolved
from examples import examples
from generated_modules import modules
from hypothesis import event, given
from hypothesis import strategies as st
from tree_transforms import EDITS, Transform

from ttsopt.domain.patch import Edit
from ttsopt.editing.compose import ConflictError, compose, compose_checked


def check_two_patches(raw: bytes, first: Edit, second: Edit) -> None:
    rows = [resolved(raw, first), resolved(raw, second)]
    one, two = (row.splices if row else () for row in rows)
    try:
        both = compose_checked("a.py", raw, [*one, *two])
    except ConflictError:
        event("conflict")
        with pytest.raises(ConflictError):
            compose_checked("a.py", raw, [*two, *one])
        return
    event("both")
    assert compose_checked("a.py", raw, [*two, *one]) == both
    left = [splice for splice in [*one, *two] if splice not in one or splice in two]
    assert compose(raw, left) == compose(raw, two)


@examples(100)
@given(modules(), st.sampled_from(EDITS), st.sampled_from(EDITS))
def test_patches_commute_and_leave_alone(
    raw: bytes, one: tuple[Edit, Transform], two: tuple[Edit, Transform]
) -> None:
    check_two_patches(raw, one[0], two[0])


@pytest.mark.slow
@examples(6000)
@given(modules(), st.sampled_from(EDITS), st.sampled_from(EDITS))
def test_patches_commute_many_times(
    raw: bytes, one: tuple[Edit, Transform], two: tuple[Edit, Transform]
) -> None:
    check_two_patches(raw, one[0], two[0])
