"""Every patch of the catalogue does what its cases show; `operations/cases.py` says what a case is."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

import pytest
from import_proof import Importer
from loading_ways import Tree

from ttsopt.catalog.load import load_catalogue
from ttsopt.domain.patch import Patch
from ttsopt.operations.authoring.cases import (
    Case,
    applied_trees,
    cases_of,
    missing_cases,
    run_case,
)

CATALOGUE = load_catalogue()
CASES = [case for patch in CATALOGUE.patches for case in cases_of(CATALOGUE, patch)]
APPLIED = [case for case in CASES if case.outcomes == ("after",)]


@pytest.fixture(scope="module")
def importer() -> Iterator[Importer]:
    with Importer() as process:
        yield process


@pytest.mark.parametrize("patch", CATALOGUE.patches, ids=lambda patch: patch.id)
def test_every_patch_shows_where_it_applies_and_where_not(patch: Patch) -> None:
    assert missing_cases(cases_of(CATALOGUE, patch)) == ""


@pytest.mark.parametrize("case", CASES, ids=[f"{one.patch.id}/{one.folder.name}" for one in CASES])
def test_case(case: Case) -> None:
    problems = run_case(case)
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("patch", CATALOGUE.patches, ids=lambda patch: patch.id)
def test_no_case_holds_a_copy_of_a_helper(patch: Patch) -> None:
    """The runner supplies them: a copy would have to be renewed with every change of the helper."""
    folder = CATALOGUE.folder_of(patch.id) / "cases"
    shown = [path for name in patch.helpers for path in folder.glob(f"**/{name}")]
    assert not [path for path in shown if path.read_bytes() == patch.helpers[path.name]]


@pytest.mark.skipif(sys.platform == "win32", reason="each import is a forked process")
@pytest.mark.parametrize(
    "case", APPLIED, ids=[f"{one.patch.id}/{one.folder.name}" for one in APPLIED]
)
def test_what_a_case_edits_is_imported_as_before(importer: Importer, case: Case) -> None:
    before, after = applied_trees(case)
    tree = Tree(frozenset(before), before.__getitem__, import_paths(case, before), partial=True)
    proof = importer.prove(tree, before, after)
    assert not proof.broken, "\n".join(proof.broken)
    assert not proof.unseen


def import_paths(case: Case, files: Iterable[str]) -> tuple[str, ...]:
    """Those of the layout that the files speak for, from the top of the case's tree."""
    root = PurePosixPath(next(iter(case.lines("root.txt")), "."))
    there = {PurePosixPath(path) for path in files}
    layouts = case.system.layouts
    layout = max(layouts, key=lambda one: sum(root / file.path in there for file in one.files))
    return tuple((root / path).as_posix() for path in layout.import_paths)
