"""Every patch by itself, everything but it, and all together: which of them bring the gain, and which none."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from enum import Enum

from ttsopt.bench.run.runner import Progress
from ttsopt.bench.spec import BenchSpec
from ttsopt.bench.stats.family import FamilyWiseError
from ttsopt.domain.journal import JournalPatch
from ttsopt.errors import CannotRunError, UsageError
from ttsopt.operations.bench.measure import Tell
from ttsopt.operations.bench.run import Bench, Benchmark, prepare_bench, run
from ttsopt.operations.bench.sides import Comparison, compare_sets, under_test
from ttsopt.operations.planning import PlanRequest

Patches = tuple[JournalPatch, ...]
Watched = Callable[[], AbstractContextManager[Tell]]


class Kind(Enum):
    """`ALONE`: without it, with it. `LEFT_OUT`: all but it, all. `ALL`: none, all."""

    ALONE = "alone"
    LEFT_OUT = "left out"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class EachRow:
    """One comparison, and its benchmark or why there is none.

    `patches` are what its two sides differ by: one, and those that cannot be without it.
    """

    kind: Kind
    patches: tuple[str, ...]
    benchmark: Benchmark | None = None
    error: CannotRunError | None = None

    @property
    def failure(self) -> CannotRunError | None:
        """The error that left it without a result, or cut its rounds short."""
        return self.benchmark.result.failure if self.benchmark else self.error


@dataclass(frozen=True, slots=True)
class Each:
    """The comparisons measured so far, of so many; `interrupted`: somebody ended it there."""

    planned: int
    rows: tuple[EachRow, ...] = ()
    interrupted: bool = False

    @property
    def family(self) -> FamilyWiseError:
        """Of the verdicts that are here."""
        return FamilyWiseError(sum(row.benchmark is not None for row in self.rows))

    @property
    def failure(self) -> CannotRunError | None:
        """Names the comparisons that failed; None where none did."""
        failed = [row for row in self.rows if row.failure]
        if not failed:
            return None
        lines = [f"  {_title(row.kind, row.patches)}: {row.failure}" for row in failed]
        message = f"{len(failed)} of {self.planned} comparisons failed:"
        hint = "The other rows stand. Measure a patch that fails by itself: -p PATCH."
        return CannotRunError("each-incomplete", message, hint, lines)


def bench_each(
    plan: PlanRequest,
    spec: BenchSpec,
    watched: Watched,
    keep: Callable[[Each], None] = lambda _: None,
) -> Each:
    """Measure them one after the other, before anything is applied; the budget is shared out.

    `keep` is called after each with all rows so far. A comparison that cannot be measured is a row with its
    error, and the rest goes on. An interrupt ends it with the rows so far.

    Raises:
        UsageError: A gate, or another baseline.
        TtsoptError: As `bench`, as far as it is known before the first comparison.
    """
    if spec.against or spec.against_itself or spec.limits.has_any or spec.profile:
        message = "--each goes with neither gates nor --against, --aa or --profile"
        raise UsageError(
            "each-alone", message, "Measure the patch in question by itself: -p PATCH."
        )
    ready = prepare_bench(plan, spec)
    present, measured = under_test(ready.planned, plan.choice)
    comparisons = [
        (kind, compare_sets(ready.planned, after, differ, plan.choice.claimed))
        for kind, after, differ in _comparisons(present, measured)
    ]
    share = replace(ready, spec=replace(ready.spec, budget=spec.budget / len(comparisons)))
    return _measure_all(share, comparisons, watched, keep)


def _measure_all(
    ready: Bench,
    comparisons: Sequence[tuple[Kind, Comparison]],
    watched: Watched,
    keep: Callable[[Each], None],
) -> Each:
    each = Each(len(comparisons))
    try:
        for kind, comparison in comparisons:
            with watched() as tell:
                named = _named(
                    tell, f"{len(each.rows) + 1}/{each.planned} {_title(kind, comparison.patches)}"
                )
                row = _measure(ready, kind, comparison, named)
            ended = bool(row.benchmark and row.benchmark.result.interrupted)
            each = replace(each, rows=(*each.rows, row), interrupted=ended)
            keep(each)
            if ended:
                break
    except KeyboardInterrupt:
        each = replace(each, interrupted=True)
        keep(each)
    return each


def _measure(ready: Bench, kind: Kind, comparison: Comparison, tell: Tell) -> EachRow:
    try:
        return EachRow(kind, comparison.patches, run(ready, comparison, tell))
    except CannotRunError as error:
        return EachRow(kind, comparison.patches, error=error)


def _named(tell: Tell, comparison: str) -> Tell:
    """Progress that names the comparison."""

    def say(step: Progress) -> None:
        tell(replace(step, comparison=comparison))

    return say


def _title(kind: Kind, patches: Sequence[str]) -> str:
    return kind.value if kind is Kind.ALL else f"{kind.value} {', '.join(patches)}"


def _comparisons(
    present: Sequence[JournalPatch], measured: Sequence[JournalPatch]
) -> Iterator[tuple[Kind, Patches, Patches]]:
    """Yield the kind, the patches of the after side, and those of them that the before side lacks."""
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
