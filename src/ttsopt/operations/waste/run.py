"""Waste: record calls of a checkout in its own interpreter, and conclude what it computes for nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from ttsopt.bench.job import Task, WorkerJob
from ttsopt.bench.run.executor import Executor, WorkerExecutor
from ttsopt.bench.run.provenance import prove
from ttsopt.bench.run.worker_result import WorkerResult, bad_answer
from ttsopt.bench.spec import BenchSetup, BenchSpec
from ttsopt.bench.waste.model import Traced, WasteReport
from ttsopt.bench.waste.recording import Flag, Recording, read_recording
from ttsopt.bench.waste.tables import FIRST, Analysed, for_nothing, waste_tables
from ttsopt.boundary.scratch import scratch_folder
from ttsopt.domain.effect import Effect
from ttsopt.domain.journal import JournalPatch
from ttsopt.domain.measurement import Side, SpokenUtterance
from ttsopt.errors import UsageError
from ttsopt.operations.bench.check import check_spec
from ttsopt.operations.bench.measure import lay_out, untouched
from ttsopt.operations.bench.run import Bench, prepare_bench, ready_to_run
from ttsopt.operations.bench.sides import Comparison, compare_sets, under_test
from ttsopt.operations.plan.selection import Selection
from ttsopt.operations.planning import PlanRequest, make_plan
from ttsopt.operations.waste.patches import edited_lines, with_patches
from ttsopt.operations.waste.texts import recorded_calls

# Said before each process: its number, from 1, how many there are, and what it does.
Tell = Callable[[int, int, str], None]
# Turns. What is made at a first call is there after one; to speak as quickly as ever, a process may take more.
WARM_UP = 1
STEPS = {
    Task.PREPARE: "preparing weights and voices",
    Task.RECORD: "recording",
    Task.MEASURE: "speaking without the recorder",
}


@dataclass(frozen=True, slots=True)
class Wasted:
    """A checkout that was recorded: what was run, with which patches, and the first call for a trace."""

    bench: Bench
    comparison: Comparison
    present: tuple[JournalPatch, ...]
    report: WasteReport
    first: Analysed


def find_waste(plan: PlanRequest, spec: BenchSpec, tell: Tell = lambda *_: None) -> Wasted:
    """Record a checkout as it is, or with the patches named on top of what is applied; it is only read.

    Raises:
        UsageError: Options that make no sense.
        RefusedError: No one system, or a patch that was named does not fit.
        CannotRunError: It could not be run or recorded here.
    """
    everything = replace(plan, choice=Selection(effect=Effect.LOSSY, everything=True))
    named = plan.choice.is_named
    if not named and (plan.choice.settings or plan.choice.forced):
        message = "--set and --force speak of patches, and none is named"
        raise UsageError("nothing-named", message, "Name the patch as well: -p ID.")
    if named:
        ready = prepare_bench(plan, spec)
    else:
        ready = ready_to_run(make_plan(everything), check_spec(spec, plan.choice))
    present, measured = under_test(ready.planned, plan.choice, same=not named)
    comparison = compare_sets(ready.planned, present, measured)
    side = Side.AFTER if named else Side.BEFORE
    with scratch_folder("waste") as work, untouched(comparison):
        scenario = recorded_calls(ready.spec, ready.workload.recipe.languages)
        setup = lay_out(ready.spec, comparison, ready.workload, work, (scenario,))
        install = ready.workload.recipe.install
        executor = WorkerExecutor(ready.interpreter.path, ready.spec.time_limit, install)
        calls, report = recorded(ready.spec, setup, executor, side, tell)
    known = make_plan(everything) if named else ready.planned
    edits = edited_lines(known, present, comparison.root)
    tables = tuple(with_patches(table, edits) for table in report.tables)
    return Wasted(ready, comparison, tuple(present), replace(report, tables=tables), calls[FIRST])


def recorded(
    spec: BenchSpec, setup: BenchSetup, executor: Executor, side: Side, tell: Tell
) -> tuple[Mapping[str, Analysed], WasteReport]:
    """Speak the calls of the first scenario without the recorder and with it; return both, and what follows.

    Raises:
        CannotRunError: A process fails, or its recording is none.
    """
    jobs = {task: _job(spec, setup, task, side) for task in STEPS}
    results = {}
    for number, (task, job) in enumerate(jobs.items(), start=1):
        tell(number, len(STEPS), STEPS[task])
        results[task] = executor.run(job)
        if task is not Task.PREPARE:
            prove(job, results[task])
    plain, traced = results[Task.MEASURE], results[Task.RECORD]
    recordings = {id_: _read(jobs[Task.RECORD], name) for id_, name in traced.recordings.items()}
    seconds = {row.id: _seconds(row, recordings[row.id]) for row in plain.utterances}
    calls = {id_: Analysed(id_, row, seconds[id_]) for id_, row in recordings.items()}
    return calls, _report(calls, plain, traced)


def _job(spec: BenchSpec, setup: BenchSetup, task: Task, side: Side) -> WorkerJob:
    """Weights are prepared by the code without patches, as in a benchmark."""
    where = Side.BEFORE if task is Task.PREPARE else side
    spec = replace(spec, warmup=WARM_UP)
    return WorkerJob(spec, setup, task, where, setup.work / "control" / f"waste-{task.value}")


def _read(job: WorkerJob, name: str) -> Recording:
    try:
        return read_recording(job.control / name)
    except (OSError, ValueError) as error:
        raise bad_answer(job, f"{name}: {error}") from error


def _seconds(row: SpokenUtterance, recording: Recording) -> float:
    return row.cpu_seconds if recording.by_cpu else row.wall_seconds


def _report(
    calls: Mapping[str, Analysed], plain: WorkerResult, traced: WorkerResult
) -> WasteReport:
    hashes = {row.id: row.sha256 for row in plain.utterances}
    equal = {row.id: row.sha256 == hashes[row.id] for row in traced.utterances}
    walls = {row.id: row.wall_seconds for row in plain.utterances}
    first = calls[FIRST]
    return WasteReport(
        for_nothing(first),
        "cpu" if first.recording.by_cpu else "wall",
        tuple(_traced(call, walls[id_], is_equal=equal[id_]) for id_, call in calls.items()),
        waste_tables(calls),
        plain.peak_rss_bytes,
        traced.peak_rss_bytes,
        traced.stubs,
    )


def _traced(call: Analysed, wall: float, *, is_equal: bool) -> Traced:
    recording = call.recording
    return Traced(
        call.id,
        is_equal,
        wall,
        recording.wall_seconds,
        sum(not flags & Flag.SEEN for flags in recording.flags),
        recording.total,
        recording.beyond,
        tuple(recording.unrecorded),
    )
