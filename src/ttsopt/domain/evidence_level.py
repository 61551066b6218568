"""The evidence that a patch helps on a class of device: computed from results, and from what the patch argues."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from ttsopt.domain.device_class import DeviceClass, parse_device
from ttsopt.domain.measurement import Verdict
from ttsopt.domain.model_size import Size
from ttsopt.domain.patch import Patch
from ttsopt.domain.patch_result import PatchResult

# A peak of memory, or seconds of loading, that is this many times the one before is a cost.
DEARER = 1.1


class Level(Enum):
    """Evidence of a patch on a class of device (docs/decisions/0032-evidence-decides-the-default.md).

    `PROVEN`: faster with a verdict at the published size. `ARGUED`: a stated mechanism, and no verdict against it.
    `NO_GAIN`: measured, and none was seen. `COSTS`: slower, or it takes memory or start-up time and no gain is
    proven. `UNMEASURED`: neither measured nor argued.
    """

    PROVEN = "proven"
    ARGUED = "argued"
    NO_GAIN = "no gain seen"
    COSTS = "costs"
    UNMEASURED = "unmeasured"

    @property
    def is_taken(self) -> bool:
        """True if a patch of that level is taken without being named."""
        return self in {Level.PROVEN, Level.ARGUED}


@dataclass(frozen=True, slots=True)
class Evidence:
    """The level of a patch on a class of device, and the measurement that says most about it there.

    `is_here`: the measurement is of that class; else it is of another.
    """

    level: Level
    device: DeviceClass
    row: PatchResult | None = None
    is_here: bool = False


def evidence_for(patch: Patch, rows: Iterable[PatchResult], device: DeviceClass) -> Evidence:
    """Return the evidence for a patch on a class of device, from all results of its system."""
    known = [
        row for row in rows if row.patch == patch.id and row.verdict is not Verdict.NOT_EXERCISED
    ]
    here = [row for row in known if device.holds(row.device)]
    said = max(here or known, key=_weight, default=None)
    return Evidence(_level(patch, here, device), device, said, bool(here))


def _level(patch: Patch, here: Sequence[PatchResult], device: DeviceClass) -> Level:
    verdicts = {
        row.verdict
        for row in here
        if row.size == Size.REAL.value and row.patch_version == patch.version
    }
    if Verdict.SLOWER in verdicts:
        return Level.COSTS
    if Verdict.FASTER in verdicts:
        return Level.PROVEN
    if Verdict.SAME not in verdicts and is_argued(patch, device):
        return Level.COSTS if patch.cost and patch.cost.needs_proof else Level.ARGUED
    if not here or any(row.verdict is Verdict.FASTER for row in here):
        return Level.UNMEASURED  # a gain of a small model proves none of the published one
    dearer = any(value > DEARER for row in here for value in (row.memory or 1, row.load or 1))
    return Level.COSTS if dearer else Level.NO_GAIN


def is_argued(patch: Patch, device: DeviceClass) -> bool:
    """True if the patch states a mechanism by which it helps on that class."""
    return patch.argued is not None and any(
        device.reaches(parse_device(one)) for one in patch.argued.on
    )


def _weight(row: PatchResult) -> tuple[bool, int, bool, str]:
    """The published size first, then the newest version, then a verdict, then the newest day."""
    decided = row.verdict is not Verdict.INCONCLUSIVE
    return (row.size == Size.REAL.value, row.patch_version, decided, row.date)
