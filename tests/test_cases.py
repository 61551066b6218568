"""Every patch of the catalogue does what its cases show: applied, refused, absent or there already.

A case is a folder `cases/<name>/` of a patch: `before/` is a small tree, and one of `after/` (files as the patch
leaves them, byte for byte), `refused.txt` (lines that the refusal must contain), `already.txt`, `absent.txt`.
`settings.txt` has `--set` values, one a line. Files that a case need not show, but that the system is told by,
are added here with nothing in them but their definitions.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from ttsopt.catalog.load import load_catalogue
from ttsopt.domain.effect import Effect
from ttsopt.domain.patch import Patch
from ttsopt.domain.plan import PlannedPatch, Status
from ttsopt.domain.system import Layout, System
from ttsopt.operations.apply import Applied, apply
from ttsopt.operations.locate import Target
from ttsopt.operations.planner import Choice
from ttsopt.operations.planning import PlanRequest
from ttsopt.operations.rollback import rollback

CATALOGUE = load_catalogue()
OUTCOMES = ("after", "refused.txt", "already.txt", "absent.txt")


@dataclass(frozen=True)
class Case:
    patch: Patch
    folder: Path

    @property
    def outcome(self) -> str:
        found = [name for name in OUTCOMES if (self.folder / name).exists()]
        assert len(found) == 1, (
            f"{self.folder} says {found or 'nothing'}, expected one of {OUTCOMES}"
        )
        return found[0]

    def settings(self) -> tuple[str, ...]:
        file = self.folder / "settings.txt"
        values = file.read_text(encoding="utf-8").split() if file.exists() else []
        return tuple(f"{self.patch.id}.{value}" for value in values)


def cases_of(patch: Patch) -> list[Case]:
    folder = CATALOGUE.folder / patch.id / "cases"
    return [Case(patch, path) for path in sorted(folder.glob("*")) if path.is_dir()]


CASES = [case for patch in CATALOGUE.patches for case in cases_of(patch)]
NAMES = [f"{case.patch.id}/{case.folder.name}" for case in CASES]


def lay_out(case: Case, directory: Path) -> dict[str, bytes]:
    """The case's tree with what the signature lacks; gives its files."""
    shutil.copytree(case.folder / "before", directory)
    system = next(one for one in CATALOGUE.systems if one.id == case.patch.system)
    for signature in nearest_layout(system, directory).files:
        path = directory / signature.path
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            stubs = [f"{anchor}():\n    pass\n" for anchor in signature.defines]
            path.write_text("\n\n".join(stubs), encoding="utf-8")
    return files_of(directory)


def nearest_layout(system: System, directory: Path) -> Layout:
    return max(
        system.layouts, key=lambda layout: sum((directory / f.path).exists() for f in layout.files)
    )


def files_of(directory: Path) -> dict[str, bytes]:
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file() and ".ttsopt" not in path.parts
    }


def run(case: Case, directory: Path) -> tuple[Applied, PlannedPatch]:
    done = apply(
        PlanRequest(
            Target(directory, system=case.patch.system),
            Choice((case.patch.id,), Effect.LOSSY, settings=case.settings()),
        )
    )
    row = next(row for row in done.planned.plan.patches if row.patch.id == case.patch.id)
    return done, row


@pytest.mark.parametrize("patch", CATALOGUE.patches, ids=lambda patch: patch.id)
def test_every_patch_shows_where_it_applies_and_where_not(patch: Patch) -> None:
    outcomes = {case.outcome for case in cases_of(patch)}
    assert "after" in outcomes
    assert outcomes - {"after"}


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_case(case: Case, tmp_path: Path) -> None:
    directory = tmp_path / "checkout"
    before = lay_out(case, directory)
    done, row = run(case, directory)
    match case.outcome:
        case "after":
            assert row.status is Status.APPLIED, row.reason
            assert files_of(directory) == {**before, **files_of(case.folder / "after")}
            assert files_of(directory) != before
            again, second = run(case, directory)
            assert second.status is Status.ALREADY
            assert not again.planned.plan.changes
            rollback(directory)
            assert not (directory / ".ttsopt").exists()
        case "refused.txt":
            assert row.status is Status.REFUSED
            assert done.refusal is not None
            for line in (case.folder / "refused.txt").read_text(encoding="utf-8").splitlines():
                assert line in done.refusal.message
        case expected:
            assert row.status is Status(expected.removesuffix(".txt"))
    assert files_of(directory) == before
