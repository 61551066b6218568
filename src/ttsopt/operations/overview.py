"""A checkout at a glance: what it is, what is applied, and what would help here most."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ttsopt.domain.device_class import DeviceClass
from ttsopt.domain.effect import Effect
from ttsopt.domain.plan import PlannedPatch, Status
from ttsopt.operations.catalogue import list_for
from ttsopt.operations.locate import Target, discover
from ttsopt.operations.planning import Planned

MOST = 5
MOST_ROOTS = 4


@dataclass(frozen=True, slots=True)
class Overview:
    """The plan of every patch of the checkout, judged on `device`."""

    planned: Planned
    device: DeviceClass

    @property
    def applied(self) -> tuple[PlannedPatch, ...]:
        """Patches that are applied."""
        return tuple(row for row in self.planned.plan.patches if row.why == "applied")

    @property
    def helpful(self) -> tuple[PlannedPatch, ...]:
        """Patches that fit and are proven or argued here: the largest gains measured, of this class first."""
        return tuple(sorted(self._taken, key=_worth, reverse=True)[:MOST])

    @property
    def is_default(self) -> bool:
        """True if a plain `apply` would take something."""
        return any(row.patch.effect is not Effect.LOSSY for row in self._taken)

    @property
    def _taken(self) -> tuple[PlannedPatch, ...]:
        return tuple(
            row
            for row in self.planned.plan.having(Status.APPLIED)
            if row.evidence and row.evidence.level.is_taken
        )


def overview(directory: Path, device: DeviceClass) -> Overview | None:
    """Look at a checkout, nothing of which is run; None where there is no system, or one for each of a crowd.

    Raises:
        RefusedError: State of somebody else's.
        CannotRunError: A file cannot be read.
    """
    found = [one for one in discover(directory) if not one.backup]
    if not 0 < len(found) <= MOST_ROOTS:
        return None
    if found[0].root.startswith(".."):  # of a part of a checkout, the whole
        directory = (directory / found[0].root).resolve()
    return Overview(list_for(Target(directory, all_roots=True), judged_on=device), device)


def _worth(row: PlannedPatch) -> tuple[bool, float]:
    evidence = row.evidence
    measured = evidence.row if evidence else None
    is_proven = bool(evidence and evidence.is_here and measured)
    return is_proven, measured.speedup if measured else 0.0
