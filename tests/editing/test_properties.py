"""What holds for every file and every edit: against transforms of the tree that share no code with the engine."""

from __future__ import annotations

import ast

import pytest
from edit_checks import check_line_ends, check_other_lines_are_kept, resolved
from examples import examples
from generated_modules import modules
from hypothesis import event, given
from hypothesis import strategies as st
from tree_transforms import EDITS, Transform

from ttsopt.domain.patch import Edit
from ttsopt.domain.plan import Status
from ttsopt.editing.compose import compose_checked
from ttsopt.editing.resolve import resolve


def check_one_edit(raw: bytes, edit: Edit, transform: Transform) -> None:
    found = resolved(raw, edit)
    if found is None:
        event("not in its encoding")
        return
    event(f"{type(edit).__name__} {found.answers[0].status.value}")
    if found.answers[0].status is not Status.APPLIED:
        assert not found.splices
        return
    after = compose_checked("a.py", raw, found.splices)
    expected = transform(ast.parse(raw))
    assert ast.dump(ast.parse(after)) == ast.dump(expected)
    check_other_lines_are_kept(raw, after, found.splices)
    check_line_ends(raw, after)
    again = resolve("a.py", after, [edit])
    assert again.answers[0].status in {Status.ALREADY, Status.ABSENT}
    assert not again.splices


@examples(100)
@given(modules(), st.sampled_from(EDITS))
def test_an_edit_is_what_it_says_and_nothing_else(raw: bytes, pair: tuple[Edit, Transform]) -> None:
    check_one_edit(raw, *pair)


@pytest.mark.slow
@examples(6000)
@given(modules(), st.sampled_from(EDITS))
def test_an_edit_is_what_it_says_many_times(raw: bytes, pair: tuple[Edit, Transform]) -> None:
    check_one_edit(raw, *pair)


@examples(100)
@given(modules())
def test_the_generator_makes_modules(raw: bytes) -> None:
    ast.parse(raw)
