"""The evidence for a patch in words and as JSON: what to expect of it, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ttsopt.domain.evidence_level import DEARER, Evidence, Level

if TYPE_CHECKING:
    from ttsopt.domain.patch import Patch
    from ttsopt.domain.plan import PlannedPatch

_SHORT = {
    Level.ARGUED: ("argued",),
    Level.NO_GAIN: ("no gain",),
    Level.COSTS: ("costs",),
    Level.UNMEASURED: ("unproven",),
}


def evidence_row(patch: Patch, evidence: Evidence | None) -> dict[str, Any] | None:
    """Return the evidence as the contract has it; null where none was asked for."""
    if evidence is None:
        return None
    row = evidence.row
    measured = row and {
        "speedup": row.speedup,
        "interval": list(row.interval),
        "of": row.of.value,
        "verdict": row.verdict.value,
        "size": row.size,
        "patch_version": row.patch_version,
        "device": str(row.device),
        "is_here": evidence.is_here,
    }
    return {
        "level": evidence.level.value,
        "device": str(evidence.device),
        "argued": patch.argued.because if patch.argued else None,
        "cost": cost(patch, evidence) or None,
        "measured": measured,
    }


def gain(evidence: Evidence | None) -> str:
    """Return the gain in 25 columns: the ratio with its interval where it is of this class, else the level."""
    if evidence is None:
        return "-"
    row = evidence.row
    if row is None or not evidence.is_here:
        return evidence.level.value
    low, high = row.interval
    ratio = f"{row.speedup:.2f}x ({low:.2f}-{'?' if high is None else f'{high:.2f}'})"
    return " ".join([*_SHORT.get(evidence.level, ()), ratio])


def expectation(row: PlannedPatch) -> Iterator[str]:
    """Yield what to expect of a patch that was taken, and what it costs, a line each."""
    evidence, patch = row.evidence, row.patch
    if evidence is None:
        return
    if evidence.level is Level.PROVEN and evidence.row:
        yield f"proven: {evidence.row.ratio}, size {evidence.row.size}"
    elif evidence.level is Level.ARGUED and patch.argued:
        known = f"; so far {evidence.row.ratio}" if evidence.row and evidence.is_here else ""
        yield f"argued: {patch.argued.because}{known}"
    elif evidence.row and evidence.is_here:
        yield f"{evidence.level.value}: {evidence.row.ratio}, size {evidence.row.size}"
    else:
        yield f"{evidence.level.value}{elsewhere(evidence)}"
    if price := cost(patch, evidence):
        yield f"costs: {price}"


def elsewhere(evidence: Evidence) -> str:
    """Return the figure of another class of device, where there is none of this one."""
    row = evidence.row
    if row is None or evidence.is_here:
        return ""
    return f"; {row.ratio} on {row.device.told}, size {row.size}"


def cost(patch: Patch, evidence: Evidence | None) -> str:
    """Return what the patch costs: what it says itself, and what was measured beyond."""
    said = [patch.cost.what] if patch.cost else []
    row = evidence.row if evidence and evidence.is_here else None
    if row and row.memory and row.memory > DEARER:
        said.append(f"{row.memory:.2f}x of the peak memory")
    if row and row.load and row.load > DEARER:
        said.append(f"{row.load:.2f}x of the start")
    return "; ".join(said)
