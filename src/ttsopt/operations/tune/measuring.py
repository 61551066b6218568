"""One job measured: both sets planned, their trees compared by the benchmark, the outcome in a few figures."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from ttsopt.bench.result import BenchmarkResult
from ttsopt.bench.run.provenance import NOT_EXERCISED
from ttsopt.bench.run.runner import Progress
from ttsopt.bench.spec import BenchSpec, WatchedFile
from ttsopt.bench.stats.pairs import PAIRS, decide_lines, plan_of_pair
from ttsopt.bench.stats.sequential import Decision, Line, decide_line, goes_on, is_out
from ttsopt.domain.journal import JournalPatch
from ttsopt.domain.measurement import OutputComparison, Verdict
from ttsopt.errors import CannotRunError, RefusedError, TtsoptError, UsageError
from ttsopt.operations.bench.measure import Tell
from ttsopt.operations.bench.run import Bench, Benchmark, run
from ttsopt.operations.bench.sides import Comparison, compare_sets
from ttsopt.operations.locate import Target
from ttsopt.operations.patch_list import WantedPatch
from ttsopt.operations.planning import Planned, make_plan
from ttsopt.operations.reapply import request_for
from ttsopt.operations.tune.model import BROKEN, Job, Measured, PatchSet, Task

# Not a patch's doing: the command ends, and the job is wanted again.
FOREIGN = {"checkout-touched", "shared-touched", "cache-changed", "cannot-write", "unwritable"}


@dataclass(frozen=True, slots=True)
class Laboratory:
    """Place where the jobs of a task are measured: the checkout, and the benchmark that is ready to run in it."""

    task: Task
    target: Target
    ready: Bench

    def wanted(self, patches: PatchSet) -> tuple[WantedPatch, ...]:
        """Return a set as a list has it."""
        located = self.ready.planned.located
        root = located.checkout.from_top(self.ready.found.root)
        versions = {row.patch: row.version for row in self.task.candidates}
        return tuple(
            WantedPatch(one.patch, versions[one.patch], root, dict(one.values)) for one in patches
        )

    def measure(
        self, job: Job, spec: BenchSpec, tell: Tell, so_far: Measured | None
    ) -> tuple[Measured, bool]:
        """Measure a job; what goes wrong with its patches is an outcome. True with it if somebody ended it.

        `so_far` is the outcome of the turn before.

        Raises:
            KeyboardInterrupt: Somebody ended it before the first round.
            CannotRunError: What is wrong is no patch's doing.
        """
        began = time.monotonic()
        try:
            benchmark = run(replace(self.ready, spec=spec), self._compared(job), _named(tell, job))
            if benchmark.result.failure:
                raise benchmark.result.failure
        except (RefusedError, UsageError, CannotRunError) as error:
            if error.code in FOREIGN:
                raise
            return _broken(error, time.monotonic() - began), False
        found = _outcome(benchmark, spec, time.monotonic() - began)
        return _after(so_far, found), benchmark.result.interrupted

    def _compared(self, job: Job) -> Comparison:
        after = self._planned(job.after)
        changed = {one.patch for one in job.added}
        rows = self._rows(after, job.after)
        found = compare_sets(after, rows, [row for row in rows if row.id in changed])
        if set(job.before) <= set(job.after):
            return found
        # Other values of the same patches: the before side is a plan of its own.
        before = self._planned(job.before)
        rows = self._rows(before, job.before)
        return _between(compare_sets(before, rows, rows), found)

    def _planned(self, patches: PatchSet) -> Planned:
        planned = make_plan(request_for(self.target, self.wanted(patches)))
        names = {one.patch for one in patches}
        there = {row.id for row in planned.journal.patches if row.splices}
        if not names <= there:
            raise _refusal(planned, names - there)
        return planned

    @staticmethod
    def _rows(planned: Planned, patches: PatchSet) -> list[JournalPatch]:
        names = {one.patch for one in patches}
        return [row for row in planned.journal.patches if row.id in names]


def _refusal(planned: Planned, missing: Collection[str]) -> RefusedError:
    """Say why the first of these patches has no place in a plan."""
    for row in planned.plan.patches:
        if row.patch.id in missing:
            message = f"{row.patch.id}: {row.status.value}: {row.reason_there}"
            return RefusedError(row.why or "patch-refused", message, row.hint)
    message = f"{', '.join(sorted(missing))}: no plan has it"
    return RefusedError("patch-refused", message, "`ttsopt list DIR` says why.")


def _between(before: Comparison, after: Comparison) -> Comparison:
    """The after sides of two comparisons with the original, against each other."""
    sides = [{**one.before, **one.after} for one in (before, after)]
    originals = {**before.before, **after.before}
    files = [{**originals, **side} for side in sides]
    watched = tuple(WatchedFile(row.path, row.module, row.sha256) for row in before.watched_after)
    return replace(after, before=files[0], after=files[1], watched_before=watched)


def _outcome(benchmark: Benchmark, spec: BenchSpec, seconds: float) -> Measured:
    result = benchmark.result
    lines = _lines(result, spec.earlier)
    decision = _decided(lines, result, spec)
    verdict = result.verdict if result.never_run else decision.verdict
    interval = decision.estimate.interval
    gates = [gate for gate in benchmark.gates if gate.name == "quality"]
    return Measured(
        verdict.value,
        decision.estimate.value,
        _finite(interval.low),
        _finite(interval.high),
        _finite(decision.bounds.low),
        sum(len(line.ratios) for line in lines),
        seconds,
        _distance(result.outputs),
        gates[0].outcome if gates else "",
        gates[0].measured if gates and gates[0].outcome != "passed" else "",
        tuple(line.ratios for line in lines),
        verdict is Verdict.INCONCLUSIVE and _may_be_decided(lines, result, spec),
    )


def _lines(result: BenchmarkResult, earlier: Sequence[Line]) -> list[Line]:
    """The rounds of a run after those of earlier ones, a line for each pair of resident processes."""
    counts = list(result.pairs) or [len(result.ratios)]
    counts += [0] * (PAIRS - len(counts)) if result.pairs else []
    ends = list(itertools.accumulate(counts))
    new = [tuple(result.ratios[end - n : end]) for n, end in zip(counts, ends, strict=True)]
    old = earlier or (Line(),) * len(new)
    return [Line((*a.ratios, *b), a.looks) for a, b in zip(old, new, strict=True)]


def _decided(lines: Sequence[Line], result: BenchmarkResult, spec: BenchSpec) -> Decision:
    if spec.resident:
        return decide_lines(lines, result.plan, spec.floor)
    return decide_line(lines[0], result.plan)


def _may_be_decided(lines: Sequence[Line], result: BenchmarkResult, spec: BenchSpec) -> bool:
    """True if more rounds may, and no pair has lost the race."""
    plan = plan_of_pair(result.plan) if spec.resident else result.plan
    spoken = [decide_line(line, plan) for line in lines if line.ratios]
    has_lost = any(is_out(row, spec.worth) for row in spoken)
    return not has_lost and any(goes_on(line, plan) for line in lines)


def _after(so_far: Measured | None, found: Measured) -> Measured:
    """An outcome with what is known of the outputs of the turns before: the worst counts."""
    if so_far is None:
        return found
    is_known = None not in (so_far.distance, found.distance)
    distance = max(so_far.distance or 0.0, found.distance or 0.0) if is_known else None
    worse = so_far if so_far.quality == "undecided" and found.quality != "failed" else found
    return replace(found, distance=distance, quality=worse.quality, why=worse.why)


def _broken(error: TtsoptError, seconds: float) -> Measured:
    """The outcome of a job that gave no figure."""
    if error.code == NOT_EXERCISED:
        return Measured(Verdict.NOT_EXERCISED.value, seconds=seconds, distance=None)
    return Measured(BROKEN, seconds=seconds, distance=None, why=f"{error.code}: {error.lines[0]}")


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _distance(outputs: Iterable[OutputComparison]) -> float | None:
    """The log-mel distance of the worst utterance; None where one cannot be compared, or has a new defect."""
    worst = 0.0
    for row in outputs:
        if row.equal:
            continue
        if row.mel_db is None or row.new_defects:
            return None
        worst = max(worst, row.mel_db)
    return worst


def _named(tell: Tell, job: Job) -> Tell:
    """Progress that names the job."""

    def say(step: Progress) -> None:
        tell(replace(step, comparison=title(job)))

    return say


def title(job: Job) -> str:
    """Name a job in a few words."""
    if job.before and job.kind.value == "search":
        return "values " + ", ".join(_setting(job))
    names = ", ".join(one.patch for one in job.added)
    more = f" on {len(job.before)} more" if job.before else ""
    return f"{job.kind.value} {names}{more}" + ", continued" * bool(job.turn)


def _setting(job: Job) -> list[str]:
    """The values that the two sides differ by."""
    old = {(one.patch, *value) for one in job.before for value in one.values}
    new = {(one.patch, *value) for one in job.after for value in one.values}
    names = {row[:2] for row in new}
    found = [f"{patch}.{name}={value}" for patch, name, value in sorted(new - old, key=str)]
    gone = sorted(row[:2] for row in old if row[:2] not in names)
    return [*found, *(f"{patch}.{name} by default" for patch, name in gone)]
