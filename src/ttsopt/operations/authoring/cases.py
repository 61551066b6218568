"""Cases: small trees that show where a patch applies and where not, and whether it does as they say.

A case is a folder `cases/<name>/` of a patch. It holds a tree, `before/`, and one outcome:

- `after/`: files as the patch leaves them, byte for byte; `deleted.txt` names files of `before/` that it takes
  away, one a line
- `refused.txt`: lines that the refusal must contain; `refused/` may hold the tree then, in place of `before/`
- `skipped.txt`: lines that must stand in the reason why it cannot be taken (a fact that is not met, a conflict)
- `already.txt`, `absent.txt`: what is in them is for people

Beside them `settings.txt` has `parameter=value` lines, `with.txt` ids of patches that are applied first, and
`root.txt` the system's root in the tree, where that is not the top. Files that a case need not show, but that the
system is told by, are added with nothing in them but their definitions. Helpers of the patch need not be shown
either: beside a file that imports one, `before/` gets it and `after/` asks for it (`case_trees.with_helpers`).
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ttsopt.boundary.reading import SOURCE, TABLE, copy_regular, read_text
from ttsopt.catalog.catalogue import Catalogue
from ttsopt.discovery.definitions import holds
from ttsopt.domain.effect import Effect
from ttsopt.domain.patch import Patch
from ttsopt.domain.plan import PlannedPatch, Status
from ttsopt.domain.system import Layout, System
from ttsopt.errors import TtsoptError
from ttsopt.operations.apply import Applied, apply
from ttsopt.operations.authoring.case_trees import Tree, differences, tree_of, with_helpers
from ttsopt.operations.locate import Target
from ttsopt.operations.plan.selection import Selection
from ttsopt.operations.planning import PlanRequest
from ttsopt.operations.rollback import rollback

OUTCOMES = ("after", "refused.txt", "refused", "skipped.txt", "already.txt", "absent.txt")


@dataclass(frozen=True, slots=True)
class Case:
    """A case, the patch and the system that it is of, and the user's own catalogues that they may be from."""

    patch: Patch
    system: System
    folder: Path
    catalogs: tuple[Path, ...] = ()

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Expected outcome, without the ending; exactly one, if it is right."""
        found = [name for name in OUTCOMES if (self.folder / name).exists()]
        return tuple(dict.fromkeys(name.removesuffix(".txt") for name in found))

    def lines(self, name: str) -> tuple[str, ...]:
        """The lines of one of its text files that are not empty; none where there is no such file."""
        file = self.folder / name
        text = read_text(file, TABLE) if file.is_file() else ""
        return tuple(line for line in text.splitlines() if line.strip())


def cases_of(catalogue: Catalogue, patch: Patch, catalogs: Sequence[Path] = ()) -> tuple[Case, ...]:
    """The cases of a patch, by name."""
    system = next(one for one in catalogue.systems if one.id == patch.system)
    folder = catalogue.folder_of(patch.id) / "cases"
    found = sorted(path for path in folder.glob("*") if path.is_dir())
    return tuple(Case(patch, system, path, tuple(catalogs)) for path in found)


def missing_cases(cases: Sequence[Case]) -> str:
    """Return what the cases of a patch do not show; empty where they show both sides."""
    outcomes = {outcome for case in cases for outcome in case.outcomes}
    if "after" not in outcomes:
        return "no case shows where it applies: cases/NAME/before and cases/NAME/after"
    if outcomes == {"after"}:
        return (
            "no case shows where it does not apply: cases/NAME/before and absent.txt or refused.txt"
        )
    return ""


def run_case(case: Case) -> tuple[str, ...]:
    """Return what is wrong, in sentences; empty where everything is as the case says.

    The case is laid out in a temporary folder; what applies is applied twice and rolled back.
    """
    if len(case.outcomes) != 1:
        given = ", ".join(case.outcomes) or "nothing"
        return (f"it says {given}; expected one of {', '.join(OUTCOMES)}",)
    if not any((case.folder / name).is_dir() for name in ("before", "refused")):
        return ("it has no tree: expected before/",)
    with tempfile.TemporaryDirectory() as folder:
        try:
            return tuple(_run(case, Path(folder).resolve() / "checkout"))
        except TtsoptError as error:
            return (f"{error.message} {error.hint}".strip(),)
        except OSError as error:
            return (f"it cannot be read or laid out: {error}",)


def applied_trees(case: Case) -> tuple[Tree, Tree]:
    """Return the whole tree of a case before its patch and after it.

    Raises:
        TtsoptError: It cannot be applied.
    """
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder).resolve() / "checkout"
        _lay_out(case, directory)
        list(_take_others(case, directory))
        before = tree_of(directory)
        _apply(case, directory)
        return before, tree_of(directory)


def _run(case: Case, directory: Path) -> Iterator[str]:
    first = _lay_out(case, directory)
    missing = tuple(_missing_definitions(case, directory))
    if missing:
        yield from missing
        return
    yield from _take_others(case, directory)
    before = tree_of(directory)
    done, row = _apply(case, directory)
    outcome = case.outcomes[0]
    if outcome == "after":
        yield from _check_applied(case, directory, before, row)
    else:
        yield from _check_left_out(case, done, row)
        yield from differences(before, tree_of(directory))
    if (directory / ".ttsopt").exists():
        rollback(directory)
    yield from (f"after rollback: {one}" for one in differences(first, tree_of(directory)))


def _check_applied(case: Case, directory: Path, before: Tree, row: PlannedPatch) -> Iterator[str]:
    if row.status is not Status.APPLIED:
        yield f"it should apply, and is {_words(row)}"
        return
    deleted = case.lines("deleted.txt")
    expected = with_helpers({**before, **tree_of(case.folder / "after")}, case.patch.helpers)
    wrong = [name for name in deleted if name not in before]
    yield from (f"deleted.txt names {name}, which is not in before/" for name in wrong)
    got = tree_of(directory)
    yield from differences({name: expected[name] for name in expected if name not in deleted}, got)
    if got == before:
        yield "it applies, and changes nothing"
    again, second = _apply(case, directory)
    if second.status is not Status.ALREADY or again.planned.plan.changes:
        yield f"applied a second time it should be there already, and is {_words(second)}"


def _check_left_out(case: Case, done: Applied, row: PlannedPatch) -> Iterator[str]:
    outcome = case.outcomes[0]
    said = f"{row.reason} {row.hint}"
    if outcome == "refused":
        fits = row.status is Status.REFUSED
        said = f"{done.refusal.message} {row.hint}" if done.refusal else said
    elif outcome == "skipped":
        # A patch that the user names is refused, not skipped, where something that it needs is missing.
        fits = row.why in {"requirement", "conflict"}
    else:
        fits = row.status is Status(outcome)
    if not fits:
        yield f"it should be {outcome}, and is {_words(row)}"
        return
    for line in case.lines(f"{outcome}.txt") if outcome in {"refused", "skipped"} else ():
        if line not in said:
            yield f"{outcome}.txt expects {line!r}; said was: {said.strip()}"


def _apply(case: Case, directory: Path) -> tuple[Applied, PlannedPatch]:
    settings = tuple(f"{case.patch.id}.{line}" for line in case.lines("settings.txt"))
    done = apply(_request(case, directory, (case.patch.id,), settings))
    row = next(row for row in done.planned.plan.patches if row.patch.id == case.patch.id)
    return done, row


def _take_others(case: Case, directory: Path) -> Iterator[str]:
    others = case.lines("with.txt")
    if not others:
        return
    done = apply(_request(case, directory, others))
    for row in done.planned.plan.patches:
        if row.patch.id in others and row.status is not Status.APPLIED:
            yield f"with.txt: {row.patch.id} is {_words(row)}"


def _request(
    case: Case, directory: Path, patches: tuple[str, ...], settings: tuple[str, ...] = ()
) -> PlanRequest:
    root = next(iter(case.lines("root.txt")), "")
    target = Target(directory, system=case.system.id, root=root, catalogs=case.catalogs)
    return PlanRequest(target, Selection(patches, Effect.LOSSY, settings=settings, forced=patches))


def _lay_out(case: Case, directory: Path) -> Tree:
    """Copy the case's tree, with the helpers and definitions that it need not show; return its files."""
    trees = [case.folder / name for name in ("before", "refused")]
    # pip compiles what it installs, cases too.
    compiled = shutil.ignore_patterns("__pycache__")
    tree = next(tree for tree in trees if tree.is_dir())
    shutil.copytree(tree, directory, ignore=compiled, copy_function=_copy)
    root = directory / next(iter(case.lines("root.txt")), ".")
    for signature in _nearest_layout(case.system, root).files:
        path = root / signature.path
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            stubs = [f"{anchor}():\n    pass\n" for anchor in signature.defines]
            path.write_text("\n\n".join(stubs), encoding="utf-8")
    shown = tree_of(directory)
    full = with_helpers(shown, case.patch.helpers)
    for name in full.keys() - shown.keys():
        (directory / name).write_bytes(full[name])
    return full


def _copy(source: str, target: str) -> None:
    copy_regular(Path(source), Path(target), SOURCE)


def _missing_definitions(case: Case, directory: Path) -> Iterator[str]:
    """Return what keeps ttsopt from telling the tree's system: files that a case shows are not filled up."""
    root = directory / next(iter(case.lines("root.txt")), ".")
    for signature in _nearest_layout(case.system, root).files:
        for anchor in signature.defines:
            if not holds(root / signature.path, anchor):
                yield f"{signature.path} must have `{anchor}`: {case.system.name} is told by it"


def _nearest_layout(system: System, root: Path) -> Layout:
    """The layout that most of the tree's files speak for."""
    return max(
        system.layouts, key=lambda layout: sum((root / one.path).exists() for one in layout.files)
    )


def _words(row: PlannedPatch) -> str:
    return f"{row.status.value}: {row.reason_there}".rstrip(": ")
