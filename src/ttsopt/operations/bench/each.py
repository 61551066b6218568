"""Every patch by itself, everything but it, and all together: which of them bring the gain, and which none."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from ttsopt.bench.run.controller import Progress
from ttsopt.bench.spec import BenchSpec
from ttsopt.domain.journal import JournalPatch
from ttsopt.errors import UsageError
from ttsopt.operations.bench.run import Benchmark, prepare_bench, run
from ttsopt.operations.bench.sides import compare_sets, under_test
from ttsopt.operations.planning import PlanRequest

Patches = tuple[JournalPatch, ...]


class Kind(Enum):
    """`ALONE`: without it, with it. `LEFT_OUT`: all but it, all. `ALL`: none, all."""

    ALONE = "alone"
    LEFT_OUT = "left out"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class EachRow:
    """One comparison. `patches` are what its two sides differ by: one, and those that cannot be without it."""

    kind: Kind
    patches: tuple[str, ...]
    done: Benchmark


def bench_each(
    plan: PlanRequest, spec: BenchSpec, tell: Callable[[Progress], None] = lambda _: None
) -> tuple[EachRow, ...]:
    """Measure them one after the other, before anything is applied; the budget is shared out.

    Raises:
        UsageError: A gate, or another baseline.
        TtsoptError: As `bench`.
    """
    if spec.against or spec.against_itself or spec.limits.has_any or spec.profile:
        message = "--each goes with neither gates nor --against, --aa or --profile"
        raise UsageError(
            "each-alone", message, "Measure the patch in question by itself: -p PATCH."
        )
    ready = prepare_bench(plan, spec)
    present, measured = under_test(ready.planned, plan.choice)
    asked = list(_comparisons(present, measured))
    share = replace(ready, spec=replace(ready.spec, budget=spec.budget / len(asked)))
    return tuple(
        EachRow(
            kind,
            tuple(row.id for row in differ),
            run(share, compare_sets(ready.planned, after, differ), tell),
        )
        for kind, after, differ in asked
    )


def _comparisons(
    present: Sequence[JournalPatch], measured: Sequence[JournalPatch]
) -> Iterator[tuple[Kind, Patches, Patches]]:
    """What it is, the patches of the after side, and those of them that the before side lacks."""
    others = tuple(row for row in present if row not in measured)
    if len(measured) > 1:
        for row in measured:
            needed = _needed(row, measured)
            yield Kind.ALONE, (*others, *needed), needed
        for row in measured:
            yield Kind.LEFT_OUT, tuple(present), _dependent(row, measured)
    yield Kind.ALL, tuple(present), tuple(measured)


def _needed(patch: JournalPatch, among: Collection[JournalPatch]) -> Patches:
    """A patch with all that it requires, directly or not."""
    found = [patch]
    for row in found:
        found += [one for one in among if one.id in row.requires and one not in found]
    return tuple(row for row in among if row in found)


def _dependent(patch: JournalPatch, among: Collection[JournalPatch]) -> Patches:
    """A patch with all that require it, directly or not."""
    found = [patch]
    for row in found:
        found += [one for one in among if row.id in one.requires and one not in found]
    return tuple(row for row in among if row in found)
