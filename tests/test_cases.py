"""Every patch of the catalogue does what its cases show; `operations/cases.py` says what a case is."""

from __future__ import annotations

import pytest

from ttsopt.catalog.load import load_catalogue
from ttsopt.domain.patch import Patch
from ttsopt.operations.authoring.cases import Case, cases_of, missing_cases, run_case

CATALOGUE = load_catalogue()
CASES = [case for patch in CATALOGUE.patches for case in cases_of(CATALOGUE, patch)]


@pytest.mark.parametrize("patch", CATALOGUE.patches, ids=lambda patch: patch.id)
def test_every_patch_shows_where_it_applies_and_where_not(patch: Patch) -> None:
    assert missing_cases(cases_of(CATALOGUE, patch)) == ""


@pytest.mark.parametrize("case", CASES, ids=[f"{one.patch.id}/{one.folder.name}" for one in CASES])
def test_case(case: Case) -> None:
    problems = run_case(case)
    assert not problems, "\n".join(problems)
