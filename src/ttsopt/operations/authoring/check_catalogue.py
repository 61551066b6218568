"""List --check: everything that can be wrong with a catalogue, found without a checkout."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ttsopt.catalog.catalogue import Catalogue
from ttsopt.catalog.load import read_catalogue
from ttsopt.catalog.models import models_file, read_models
from ttsopt.catalog.problems import Problem
from ttsopt.catalog.translation import translation_problems
from ttsopt.domain.patch import Patch
from ttsopt.operations.authoring.cases import cases_of, missing_cases, run_case
from ttsopt.operations.authoring.check_edits import check_edits
from ttsopt.operations.bench.workloads import FILE, workload_file


@dataclass(frozen=True, slots=True)
class CheckedCatalogue:
    """Outcome of a check: what was read, how many cases ran (none, where files are wrong), and the problems."""

    catalogue: Catalogue
    cases: int
    problems: tuple[Problem, ...]

    def problems_of(self, patch: Patch) -> tuple[Problem, ...]:
        """Those of one patch, its cases among them."""
        folder = self.catalogue.folder_of(patch.id)
        return tuple(one for one in self.problems if Path(one.file).is_relative_to(folder))


def check_catalogue(catalogs: Sequence[Path] = ()) -> CheckedCatalogue:
    """Read the catalogue with the folders in `catalogs`, check every edit, and run every case.

    Raises:
        UsageError: One of `catalogs` is no catalogue.
    """
    catalogue, found = read_catalogue(catalogs)
    problems = [*found, *_folders(catalogue), *_workloads(catalogue), *_models(catalogue)]
    problems += [one for patch in catalogue.patches for one in _edits(catalogue, patch)]
    problems += [one for patch in catalogue.patches for one in translation_problems(patch)]
    # Cases run through the whole way of `apply`, which takes no catalogue with errors.
    if problems:
        return CheckedCatalogue(catalogue, 0, tuple(problems))
    cases = 0
    for patch in catalogue.patches:
        cases += len(cases_of(catalogue, patch))
        problems += _cases(catalogue, patch, catalogs)
    return CheckedCatalogue(catalogue, cases, tuple(problems))


def _folders(catalogue: Catalogue) -> Iterator[Problem]:
    """Folders that have cases, but no patch."""
    for folder in catalogue.folders:
        for cases in sorted(folder.glob("*/*/cases")):
            if not (cases.parent / "patch.toml").is_file():
                yield Problem(str(cases.parent), "", "it has cases, but no patch.toml")


def _workloads(catalogue: Catalogue) -> Iterator[Problem]:
    for system in catalogue.systems:
        file = workload_file(catalogue, system)
        if system.bench and not file.is_file():
            message = f"[bench] is there, but no {FILE} beside it"
            yield Problem(str(file.with_name("system.toml")), "bench", message)


def _models(catalogue: Catalogue) -> Iterator[Problem]:
    for system in catalogue.systems:
        file = models_file(catalogue, system)
        yield from read_models(file)[1] if file else ()


def _edits(catalogue: Catalogue, patch: Patch) -> Iterator[Problem]:
    file = str(catalogue.folder_of(patch.id) / "patch.toml")
    yield from (Problem(file, key, message) for key, message in check_edits(patch))


def _cases(catalogue: Catalogue, patch: Patch, catalogs: Sequence[Path]) -> Iterator[Problem]:
    cases = cases_of(catalogue, patch, catalogs)
    missing = missing_cases(cases)
    if missing:
        yield Problem(str(catalogue.folder_of(patch.id) / "cases"), "", missing)
    for case in cases:
        yield from (Problem(str(case.folder), "", message) for message in run_case(case))
