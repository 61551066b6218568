"""The patch that a plan leaves out for its effect alone, and that would bring most."""

from __future__ import annotations

from collections.abc import Iterator

from ttsopt.domain.measurement import Verdict
from ttsopt.domain.plan import PlannedPatch, Status
from ttsopt.operations.planning import Planned


def strongest_left_out(planned: Planned) -> PlannedPatch | None:
    """Return the patch with the largest measured gain of those skipped for their effect, if it fits the tree.

    Its figure may be of another class of device: its evidence says so.

    Raises:
        CannotRunError: A file cannot be read.
    """
    ranked = sorted(_measured(planned), key=_gain, reverse=True)
    return next((row for row in ranked if _fits(planned, row)), None)


def _measured(planned: Planned) -> Iterator[PlannedPatch]:
    for row in planned.plan.having(Status.SKIPPED):
        measured = row.evidence.row if row.evidence else None
        if row.why == "effect" and measured and measured.verdict is Verdict.FASTER:
            yield row


def _gain(row: PlannedPatch) -> float:
    return row.evidence.row.speedup if row.evidence and row.evidence.row else 0.0


def _fits(planned: Planned, row: PlannedPatch) -> bool:
    from ttsopt.catalog.parameters import parameter_values
    from ttsopt.operations.plan.fit import fit_patch
    from ttsopt.operations.plan.relations import unmet_fact

    found = next(one for one in planned.located.systems if _is_of(one.root, row, one.system.id))
    fitted = fit_patch(planned.baseline, found, row.patch, parameter_values(row.patch, {}, {}))
    return (
        fitted.status is Status.APPLIED
        and not row.patch.guard
        and unmet_fact(planned.baseline, found, fitted) is None
    )


def _is_of(root: str, row: PlannedPatch, system: str) -> bool:
    return root == row.root and system == row.patch.system
