"""Several deletions of one patch, in any file: what each of them takes out, and no block is emptied."""

from __future__ import annotations

import ast
from collections.abc import Sequence

import pytest
from edit_checks import check_other_lines_are_kept
from examples import examples
from generated_modules import modules
from hypothesis import given
from hypothesis import strategies as st
from tree_transforms import DELETIONS, Transform

from ttsopt.domain.patch import Edit
from ttsopt.editing.compose import compose_checked
from ttsopt.editing.resolve import resolve

SEVERAL = st.lists(st.sampled_from(DELETIONS), min_size=2, max_size=3)


def check_deletions(raw: bytes, pairs: Sequence[tuple[Edit, Transform]]) -> None:
    found = resolve("a.py", raw, [edit for edit, _ in pairs])
    after = compose_checked("a.py", raw, found.splices)
    expected = ast.parse(raw)
    for _, transform in pairs:
        expected = transform(expected)
    assert ast.dump(ast.parse(after)) == ast.dump(expected)
    assert not resolve("a.py", after, [edit for edit, _ in pairs]).splices
    check_other_lines_are_kept(raw, after, found.splices)


@examples(100)
@given(modules(), SEVERAL)
def test_deletions_of_one_patch_are_made_together(
    raw: bytes, pairs: list[tuple[Edit, Transform]]
) -> None:
    check_deletions(raw, pairs)


@pytest.mark.slow
@examples(6000)
@given(modules(), SEVERAL)
def test_deletions_of_one_patch_are_made_together_many_times(
    raw: bytes, pairs: list[tuple[Edit, Transform]]
) -> None:
    check_deletions(raw, pairs)
