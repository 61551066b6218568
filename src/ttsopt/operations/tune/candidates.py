"""The patches that a study is about: those first that a plain apply takes, then by the gain known of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ttsopt.catalog.parameters import parse_settings
from ttsopt.domain.patch import Patch
from ttsopt.domain.plan import PlannedPatch, Status
from ttsopt.operations.planning import Planned
from ttsopt.operations.tune.model import Candidate, Values

LEFT_OUT = (Status.REFUSED, Status.SKIPPED)


def candidates_of(
    planned: Planned, settings: Collection[str], *, is_limited: bool
) -> tuple[Candidate, ...]:
    """Return them for a plan that takes all that fits. Patches that exclude each other are candidates both."""
    from ttsopt.operations.tune.parameters import searched

    rows = {row.patch.id: row for row in planned.plan.patches if _may_be_chosen(row)}
    there = {row.patch.id for row in planned.plan.having(Status.ALREADY)}
    given = parse_settings(tuple(settings))
    needed = {name: _needed(row.patch, rows, there) for name, row in rows.items()}
    found = [
        Candidate(
            name,
            row.patch.version,
            _values(row),
            needed[name] or (),
            searched(row.patch, given.get(name, {}), is_limited=is_limited),
        )
        for name, row in rows.items()
        if needed[name] is not None
    ]
    return tuple(sorted(found, key=lambda one: (*_promise(rows[one.patch]), one.patch)))


def _may_be_chosen(row: PlannedPatch) -> bool:
    """True if it fits, or did not because of another patch."""
    has_lost = row.why == "conflict" or (row.why == "requirement" and row.patch.requires.patches)
    return row.status is Status.APPLIED or bool(row.status in LEFT_OUT and has_lost)


def _needed(
    patch: Patch, rows: Mapping[str, PlannedPatch], there: Collection[str]
) -> tuple[str, ...] | None:
    """All that a patch requires, directly or not, and that the tree has not; None if one cannot be had."""
    found: list[str] = []
    for name in patch.requires.patches:
        if name in there:
            continue
        further = _needed(rows[name].patch, rows, there) if name in rows else None
        if further is None:
            return None
        found += [*further, name]
    return tuple(dict.fromkeys(found))


def _values(row: PlannedPatch) -> Values:
    """The values that the user set."""
    defaults = {one.name: one.default for one in row.patch.parameters}
    changed = {name: value for name, value in row.parameters.items() if value != defaults.get(name)}
    return tuple(sorted(changed.items()))


def _promise(row: PlannedPatch) -> tuple[bool, float]:
    """Place of a patch among the others: taken by default or not, then by the speedup measured elsewhere."""
    gain = row.evidence.row.speedup if row.evidence and row.evidence.row else 1.0
    return not (row.evidence and row.evidence.level.is_taken), -gain
