"""Takes patches one by one; what was taken decides what the next may do to a shared file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from ttsopt.catalog.parameters import parameter_values, parse_settings
from ttsopt.domain.effect import Device, Effect
from ttsopt.domain.journal import Journal, JournalPatch
from ttsopt.domain.patch import Patch, Scalar
from ttsopt.domain.plan import FileChange, PlannedPatch, Splice, Status
from ttsopt.domain.system import FoundSystem
from ttsopt.editing.compose import ConflictError, compose_python
from ttsopt.operations.baseline import Baseline
from ttsopt.operations.fit import fit_patch


@dataclass(frozen=True, slots=True)
class Choice:
    """Which patches to take, and with which parameters. `patches` empty means every one that fits."""

    patches: tuple[str, ...] = ()
    effect: Effect = Effect.CLOSE
    device: Device = Device.ANY
    settings: tuple[str, ...] = ()

    def reason_to_skip(self, patch: Patch) -> tuple[str, str] | None:
        """Why a patch that is not applied yet is left out: a word for scripts and a sentence."""
        if self.patches and patch.id not in self.patches:
            return "not named", "not among those named with -p"
        if self.device is not Device.ANY and patch.device not in {Device.ANY, self.device}:
            return "device", f"of no use on {self.device.value}: it is for {patch.device.value}"
        effect = patch.effect.value
        if not self.patches and not patch.effect.within(self.effect):
            return "effect", f"its effect is {effect}: --effect {effect} takes it"
        return None


class Planner:
    """The patches of a checkout that are applied, and those taken since; nothing is written."""

    def __init__(self, choice: Choice, baseline: Baseline, journal: Journal) -> None:
        self._choice = choice
        self._baseline = baseline
        self._settings = parse_settings(choice.settings)
        self._before = journal
        self._taken = {(row.id, row.root): row for row in journal.patches}

    def plan_patch(self, found: FoundSystem, patch: Patch) -> PlannedPatch:
        """What becomes of a patch at one root; where it fits, it is taken."""
        known = self._taken.get((patch.id, self._top_root(found)))
        row = partial(PlannedPatch, patch, found.root)
        named = patch.id in self._choice.patches
        skipped = (
            None
            if known and (named or not self._choice.patches)
            else self._choice.reason_to_skip(patch)
        )
        if skipped:
            return row(Status.SKIPPED, why=skipped[0], reason=skipped[1])
        effect = patch.effect.value
        if named and not known and not patch.effect.within(self._choice.effect):
            hint = f"Allow it with --effect {effect}."
            return row(Status.REFUSED, why="effect", reason=f"its effect is {effect}", hint=hint)
        given, kept = self._settings.get(patch.id, {}), known.parameters if known else {}
        fitted = fit_patch(self._baseline, found, patch, parameter_values(patch, given, kept))
        return self._take(found, fitted, known) if fitted.status is Status.APPLIED else fitted

    def changes(self) -> tuple[FileChange, ...]:
        """Files whose bytes are to change, over all patches taken."""
        return tuple(
            change for change in map(self._change, self._paths()) if change.current != change.after
        )

    def journal(self, changes: tuple[FileChange, ...]) -> Journal:
        """The journal once those changes are written."""
        patches = tuple(self._taken[key] for key in sorted(self._taken))
        kept = {row.path: row for row in self._before.files}
        new = {row.path: row for row in (self._baseline.describe(change) for change in changes)}
        files = {
            path: row
            for path, row in {**kept, **new}.items()
            if any(path in patch.splices for patch in patches)
        }
        return Journal(patches, tuple(files[path] for path in sorted(files)))

    def _take(
        self, found: FoundSystem, fitted: PlannedPatch, known: JournalPatch | None
    ) -> PlannedPatch:
        top = self._baseline.checkout.from_top
        splices = {top(file.path): file.splices for file in fitted.files if file.splices}
        if known and _unchanged(known, fitted.patch, fitted.parameters, splices):
            return replace(fitted, status=Status.ALREADY, why="applied", reason="applied by ttsopt")
        root = self._top_root(found)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        candidate = JournalPatch(
            fitted.patch.id, fitted.patch.version, root, now, dict(fitted.parameters), splices
        )
        conflict = self._conflict(candidate)
        if conflict:
            hint = "Leave one of the two out with -p."
            return replace(
                fitted, status=Status.REFUSED, why="conflict", reason=conflict, hint=hint
            )
        self._taken[candidate.id, root] = candidate
        return fitted

    def _conflict(self, candidate: JournalPatch) -> str:
        others = [row for key, row in self._taken.items() if key != (candidate.id, candidate.root)]
        for path, splices in candidate.splices.items():
            rest = [splice for row in others for splice in row.splices.get(path, ())]
            try:
                compose_python(self._baseline.original(path), [*rest, *splices])
            except ConflictError as error:
                owners = ", ".join(row.id for row in others if path in row.splices) or "itself"
                return f"{path}: conflicts with {owners}: {error}"
        return ""

    def _change(self, path: str) -> FileChange:
        splices = [splice for row in self._taken.values() for splice in row.splices.get(path, ())]
        original = self._baseline.original(path)
        name = self._baseline.checkout.from_directory(path)
        return FileChange(
            name, original, self._baseline.current(path), compose_python(original, splices)
        )

    def _paths(self) -> list[str]:
        """Files (from the top) that a patch taken now edits, or edited in the version that it replaces."""
        before = {(row.id, row.root): row for row in self._before.patches}
        changed = [key for key, row in self._taken.items() if before.get(key) is not row]
        rows = [self._taken[key] for key in changed] + [
            before[key] for key in changed if key in before
        ]
        return sorted({path for row in rows for path in row.splices})

    def _top_root(self, found: FoundSystem) -> str:
        return self._baseline.checkout.from_top(found.root)


def _unchanged(
    known: JournalPatch,
    patch: Patch,
    values: Mapping[str, Scalar],
    splices: Mapping[str, tuple[Splice, ...]],
) -> bool:
    return (known.version, dict(known.parameters), dict(known.splices)) == (
        patch.version,
        dict(values),
        dict(splices),
    )
