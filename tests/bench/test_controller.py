"""A whole benchmark, to the digit, on a fake executor; and one on the real worker."""

from __future__ import annotations

import functools
import hashlib
import math
import os
import py_compile
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bench_fakes import LONG, SHORT, SOUND, FakeExecutor, bench_setup, bench_spec, measured

from ttsopt.bench.job import Task, WorkerJob
from ttsopt.bench.result import BenchmarkResult
from ttsopt.bench.run.controller import run_benchmark
from ttsopt.bench.run.executor import WorkerExecutor
from ttsopt.bench.run.runner import Progress
from ttsopt.bench.run.variation import TRACE_ROUND, TURN, of_round
from ttsopt.bench.run.worker_result import WorkerResult
from ttsopt.bench.spec import BenchSetup, WatchedEdit, WatchedFile
from ttsopt.domain.limits import Limits
from ttsopt.domain.measurement import Bounds, EditExercise, Figure, Metric, Side, Verdict
from ttsopt.errors import CannotRunError, UsageError

FILE = WatchedFile("src/tts/api.py", "tts.api", "aa", (WatchedEdit("0", "tts/fast", 3, 4),))
TWICE = {Side.BEFORE: (4.0, 8.0, 6.0), Side.AFTER: (2.0, 4.0, 3.0)}


def bench(folder: Path, executor: FakeExecutor, **changes: Any) -> BenchmarkResult:
    return measured(folder, executor, **changes)


def only(
    task: Task, side: Side, change: Callable[[WorkerResult], WorkerResult]
) -> Callable[[WorkerJob, WorkerResult], WorkerResult]:
    """Change the answers of one task on one side."""
    return lambda job, row: change(row) if (job.task, job.side) == (task, side) else row


def first_row(**changes: Any) -> Callable[[WorkerResult], WorkerResult]:
    return lambda answer: replace(
        answer, utterances=(replace(answer.utterances[0], **changes), *answer.utterances[1:])
    )


def test_two_times_faster_to_the_digit(tmp_path: Path) -> None:
    result = bench(tmp_path, FakeExecutor(TWICE), rounds=3)
    assert result.speedup.value == pytest.approx(2)
    assert result.speedup.interval.low == pytest.approx(2)
    assert result.rtf[Side.BEFORE].value == pytest.approx((2 * 4 * 3) ** (1 / 3))
    assert result.verdict is Verdict.FASTER
    assert [row.rtf for row in result.after] == [1, 2, 1.5]
    assert result.stubs == ("random weights",)
    assert not result.interrupted


def test_rounds_are_added_until_all_is_decided(tmp_path: Path) -> None:
    fast = {Side.BEFORE: (4.0,) * 40, Side.AFTER: (2.0,) * 40}
    clear = bench(tmp_path / "clear", FakeExecutor(fast), least=3, most=40)
    assert (len(clear.order), clear.verdict) == (3, Verdict.FASTER)
    noisy = {Side.BEFORE: (4.0, 2.0) * 20, Side.AFTER: (2.0, 4.0) * 20}
    lost = bench(tmp_path / "noisy", FakeExecutor(noisy), least=3, most=7)
    assert (len(lost.order), lost.verdict) == (7, Verdict.INCONCLUSIVE)
    assert not lost.interrupted


def test_a_limit_that_is_not_decided_yet_asks_for_more_rounds(tmp_path: Path) -> None:
    wall = {Side.BEFORE: (4.0, 4.4) * 20, Side.AFTER: (2.0,) * 40}
    seen: list[Bounds] = []

    def enough(bounds: Bounds) -> bool:
        seen.append(bounds)
        return len(seen) == 3

    spec = bench_spec(least=3, most=40)
    result = run_benchmark(spec, bench_setup(tmp_path), FakeExecutor(wall), enough=enough)
    intervals = [bounds[Figure.SPEEDUP].interval for bounds in seen]
    widths = [interval.high - interval.low for interval in intervals]
    assert widths == sorted(widths, reverse=True)
    assert len(result.order) > 3
    assert result.bounds == seen[-1]


def test_by_cpu_time_a_run_ends_when_cpu_time_is_decided(tmp_path: Path) -> None:
    wall = {Side.BEFORE: (4.0, 2.0) * 20, Side.AFTER: (2.0, 4.0) * 20}

    def steady(job: WorkerJob, result: WorkerResult) -> WorkerResult:
        cpu = 4.0 if job.side is Side.BEFORE else 2.0
        return replace(
            result,
            utterances=tuple(replace(row, cpu_seconds=cpu) for row in result.utterances),
        )

    rounds = {}
    for metric in Metric:
        limits = Limits(min_speedup=1.5, metric=metric)
        found = measured(
            tmp_path / metric.value,
            FakeExecutor(wall, answer=steady),
            least=3,
            most=7,
            limits=limits,
        )
        rounds[metric] = len(found.order)
        assert found.verdict is Verdict.INCONCLUSIVE
    assert rounds == {Metric.WALL: 7, Metric.CPU: 3}


def test_no_round_is_begun_for_which_the_budget_has_no_room(tmp_path: Path) -> None:
    noisy = {Side.BEFORE: (4.0, 2.0) * 20, Side.AFTER: (2.0, 4.0) * 20}
    seconds = iter(range(0, 10_000, 5))  # every look at the clock is five seconds later
    said: list[Progress] = []
    spec, setup = bench_spec(least=2, most=40, budget=100.0), bench_setup(tmp_path)
    clock = functools.partial(next, seconds)
    result = run_benchmark(spec, setup, FakeExecutor(noisy), said.append, clock=clock)
    assert 1 < len(result.order) < 10
    assert not result.interrupted
    left = [row.seconds_left for row in said if row.seconds_left is not None]
    assert left
    assert max(left) <= 100


def test_progress_says_what_is_known_so_far(tmp_path: Path) -> None:
    said: list[Progress] = []
    measured(tmp_path, FakeExecutor(TWICE), said.append, rounds=3)
    known = [row.speedup.value for row in said if row.speedup]
    assert known == [pytest.approx(2)] * 4


def test_several_requests_at_once_are_measured_by_the_whole(tmp_path: Path) -> None:
    def change(job: WorkerJob, row: WorkerResult) -> WorkerResult:
        return replace(row, whole=(5.0, 7.0))

    fake = FakeExecutor(TWICE, answer=change)
    result = bench(tmp_path, fake, utterances=(SHORT, LONG), concurrency=2)
    assert [row.rtf for row in result.before] == [5 / 4, 5 / 4]
    assert result.before[0].cpu_seconds == 7


def test_the_same_on_both_sides_is_the_same(tmp_path: Path) -> None:
    result = bench(tmp_path, FakeExecutor({Side.BEFORE: (2.0, 2.0), Side.AFTER: (2.0, 2.0)}))
    assert result.verdict is Verdict.SAME
    assert result.outputs[0].equal
    assert result.repeatable == {side: {"short": True} for side in Side}


def test_each_process_has_its_own_folder_and_turn(tmp_path: Path) -> None:
    executor = FakeExecutor(TWICE)
    result = bench(tmp_path, executor, rounds=3)
    ran = [(job.task, job.side) for job in executor.jobs]
    assert ran[:3] == [
        (Task.PREPARE, Side.BEFORE),
        (Task.TRACE, Side.BEFORE),
        (Task.TRACE, Side.AFTER),
    ]
    assert [side for _, side in ran[3:]] == [side for pair in result.order for side in pair]
    assert {task for task, _ in ran[3:]} == {Task.MEASURE}
    assert len({job.control for job in executor.jobs}) == 9
    assert all(set(pair) == set(Side) for pair in result.order)


def test_an_order_seed_is_drawn_and_recorded(tmp_path: Path) -> None:
    first = bench(tmp_path, FakeExecutor(TWICE), order_seed=None)
    again = bench(tmp_path, FakeExecutor(TWICE), order_seed=first.order_seed)
    assert again.order == first.order
    assert first.spec.order_seed is None


def test_progress_counts_every_process(tmp_path: Path) -> None:
    said: list[Progress] = []
    measured(tmp_path, FakeExecutor(TWICE), said.append)
    assert [row.done for row in said] == list(range(7))
    assert {row.total for row in said} == {7}
    assert [row.round for row in said] == [0, 0, 0, 1, 1, 2, 2]


def test_edits_that_ran_are_exercised(tmp_path: Path) -> None:
    result = bench(tmp_path, FakeExecutor(TWICE), files_after=(FILE,))
    assert result.exercised == (EditExercise("tts/fast", "src/tts/api.py", 3, executed=True),)
    assert result.verdict is Verdict.FASTER


@pytest.mark.parametrize("wall", [TWICE, dict.fromkeys(Side, (2.0, 2.0))])
def test_a_patch_that_never_ran_is_not_exercised_and_never_the_same(
    tmp_path: Path, wall: Any
) -> None:
    change = only(Task.TRACE, Side.AFTER, lambda answer: replace(answer, executed={}))
    result = bench(tmp_path, FakeExecutor(wall, answer=change), files_after=(FILE,))
    assert result.verdict is Verdict.NOT_EXERCISED
    assert result.never_run == ("tts/fast",)
    assert not result.exercised[0].executed


@pytest.mark.parametrize("task", [Task.TRACE, Task.MEASURE])
@pytest.mark.parametrize("side", Side)
def test_a_foreign_module_in_any_process_ends_the_benchmark(
    tmp_path: Path, task: Task, side: Side
) -> None:
    def change(answer: WorkerResult) -> WorkerResult:
        return replace(answer, modules=(replace(answer.modules[0], file="/opt/tts/api.py"),))

    executor = FakeExecutor(TWICE, answer=only(task, side, change))
    with pytest.raises(CannotRunError, match="/opt/tts") as caught:
        bench(tmp_path, executor, files_before=(FILE,), files_after=(FILE,))
    assert caught.value.code == "foreign-module"


@pytest.mark.parametrize("fault", [{"finite": False}, {"silent": True}])
def test_a_before_side_without_sound_leaves_nothing_to_compare(
    tmp_path: Path, fault: dict[str, bool]
) -> None:
    change = only(Task.MEASURE, Side.BEFORE, first_row(**fault))
    with pytest.raises(CannotRunError) as caught:
        bench(tmp_path, FakeExecutor(TWICE, answer=change))
    assert caught.value.code == "bad-audio"
    assert "before side" in caught.value.message


def test_an_after_side_without_sound_is_a_finding(tmp_path: Path) -> None:
    change = only(Task.MEASURE, Side.AFTER, first_row(finite=False))
    samples = {Side.BEFORE: SOUND, Side.AFTER: (math.nan,) * 4}
    result = bench(tmp_path, FakeExecutor(TWICE, samples, answer=change))
    assert result.bad_audio == ("short holds values that are not finite",)
    assert result.speedup.value == pytest.approx(2)
    assert not result.outputs[0].equal


def test_audio_of_no_length_cannot_be_measured(tmp_path: Path) -> None:
    change = only(Task.MEASURE, Side.AFTER, first_row(audio_seconds=0.0, silent=True))
    with pytest.raises(CannotRunError, match="short has no length") as caught:
        bench(tmp_path, FakeExecutor(TWICE, answer=change))
    assert caught.value.code == "bad-audio"
    assert "after side" in caught.value.message


def test_two_voices_are_traced_and_all_is_measured(tmp_path: Path) -> None:
    executor = FakeExecutor(TWICE)
    other = replace(LONG, voice=1)
    result = bench(tmp_path, executor, utterances=(SHORT, replace(LONG, id="same"), other))
    assert executor.jobs[2].utterances == tuple(
        of_round(row, TRACE_ROUND) for row in (SHORT, other)
    )
    assert [row.id for row in result.after[0].utterances] == ["short", "same", "long"]


def test_of_one_voice_alone_the_trace_has_the_same_text_in_another(tmp_path: Path) -> None:
    executor = FakeExecutor(TWICE)
    result = bench(tmp_path, executor, utterances=(SHORT, LONG))
    assert [(row.text, row.voice % TURN) for row in executor.jobs[2].utterances] == [
        (SHORT.text, 0),
        (SHORT.text, 1),
    ]
    assert [row.id for row in result.after[0].utterances] == ["short", "long"]
    assert result.after[0].rtf == 1


def interrupt_at(process: int) -> Callable[[WorkerJob, WorkerResult], WorkerResult]:
    seen: list[WorkerJob] = []

    def answer(job: WorkerJob, row: WorkerResult) -> WorkerResult:
        seen.append(job)
        if len(seen) == process:
            raise KeyboardInterrupt
        return row

    return answer


@pytest.mark.parametrize("process", [6, 7])
def test_an_interrupt_keeps_the_complete_rounds(tmp_path: Path, process: int) -> None:
    executor = FakeExecutor(TWICE, answer=interrupt_at(process))
    result = bench(tmp_path, executor, rounds=3)
    assert result.interrupted
    assert (len(result.order), len(result.before), len(result.after)) == (1, 1, 1)
    assert result.verdict is Verdict.INCONCLUSIVE


def test_a_process_that_fails_leaves_the_complete_rounds(tmp_path: Path) -> None:
    def change(job: WorkerJob, row: WorkerResult) -> WorkerResult:
        if job.control.name.startswith("006"):
            raise CannotRunError("worker-died", "the worker died", "look at its last lines")
        return row

    result = bench(tmp_path, FakeExecutor(TWICE, answer=change), rounds=3)
    assert result.failure is not None
    assert (result.failure.code, len(result.order), result.interrupted) == ("worker-died", 1, False)
    assert result.verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("process", [1, 3, 4, 5])
def test_an_interrupt_before_the_first_complete_round_is_an_interrupt(
    tmp_path: Path, process: int
) -> None:
    with pytest.raises(KeyboardInterrupt):
        bench(tmp_path, FakeExecutor(TWICE, answer=interrupt_at(process)))


@pytest.mark.parametrize("changes", [{"least": 0, "most": 0}, {"utterances": ()}])
def test_nothing_to_measure_is_a_wrong_use(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        bench(tmp_path, FakeExecutor(TWICE), **changes)


WORKLOAD = """
STUBS = ("a sine",)

def prepare(job):
    import os
    os.makedirs(job["scratch"])
    open(os.path.join(job["scratch"], "steps"), "w").write("100")

def load(job):
    import os
    from tiny.speech import STEPS, speak
    steps = int(open(os.path.join(job["scratch"], "steps")).read())
    def spoken(utterance, seed):
        samples = speak(steps, seed)
        return {"samples": samples, "sample_rate": 8000, "counters": {"nfe": steps * STEPS}}
    return spoken
"""
SPEECH = """
import math

STEPS = 2

def speak(count, seed):
    work = 0.0
    for step in range(STEPS):
        work += sum(math.sin(i + seed) for i in range(count * 100)) * 0
    return [math.sin(i / 7) + work for i in range(count * 10)]
"""


def real_side(folder: Path, side: str, text: str, lines: tuple[int, int]) -> WatchedFile:
    file = folder / side / "src" / "tiny" / "speech.py"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    digest = hashlib.sha256(text.encode()).hexdigest()
    edits = (WatchedEdit("0", "tiny/steps", *lines),)
    return WatchedFile("src/tiny/speech.py", "tiny.speech", digest, edits)


def real_setup(folder: Path, lines: tuple[int, int]) -> BenchSetup:
    (folder / "workload.py").write_text(WORKLOAD)
    after = SPEECH.replace("STEPS = 2", "STEPS = 1")
    return bench_setup(
        folder,
        files_before=(replace(real_side(folder, "before", SPEECH, lines), edits=()),),
        files_after=(real_side(folder, "after", after, lines),),
    )


def run_real(setup: BenchSetup, **variables: str) -> BenchmarkResult:
    inherited = {"PATH": os.environ["PATH"], **variables}
    executor = WorkerExecutor(Path(sys.executable), 60, inherited=inherited)
    return run_benchmark(bench_spec(rounds=1), setup, executor)


def test_the_real_worker_measures_both_views(tmp_path: Path) -> None:
    result = run_real(real_setup(tmp_path, (4, 4)))
    assert result.stubs == ("a sine",)
    assert result.outputs[0].equal
    assert [row.utterances[0].counters["nfe"] for row in result.before + result.after] == [200, 100]
    assert result.exercised[0].executed
    assert not list((tmp_path / "after").rglob("*.pyc"))


def test_the_real_worker_shows_an_edit_that_never_ran(tmp_path: Path) -> None:
    assert run_real(real_setup(tmp_path, (90, 99))).verdict is Verdict.NOT_EXERCISED


def test_a_regular_package_elsewhere_wins_over_a_namespace_package_and_is_named(
    tmp_path: Path,
) -> None:
    elsewhere = tmp_path / "elsewhere" / "tiny"
    elsewhere.mkdir(parents=True)
    (elsewhere / "__init__.py").write_text("")
    (elsewhere / "speech.py").write_text(SPEECH)
    with pytest.raises(CannotRunError) as caught:
        run_real(real_setup(tmp_path, (4, 4)), PYTHONPATH=str(elsewhere.parent))
    assert caught.value.code == "foreign-module"
    assert str(elsewhere / "speech.py") in caught.value.message


def test_bytecode_of_another_source_of_that_size_and_second_is_named(tmp_path: Path) -> None:
    setup = real_setup(tmp_path, (4, 4))
    file = setup.snapshot(Side.AFTER) / setup.files(Side.AFTER)[0].path
    old = tmp_path / "old.py"
    old.write_text(SPEECH)
    os.utime(old, ns=(file.stat().st_atime_ns, file.stat().st_mtime_ns))
    name = f"{file.stem}.{sys.implementation.cache_tag}.pyc"
    cached = setup.work / "bytecode" / "after" / file.parent.relative_to("/") / name
    cached.parent.mkdir(parents=True)
    py_compile.compile(str(old), str(cached), str(file), doraise=True)
    with pytest.raises(CannotRunError) as caught:
        run_real(setup)
    assert caught.value.code == "stale-bytecode"
    assert str(file) in caught.value.message


@pytest.mark.parametrize(("worth", "rounds"), [(0.0, 18), (2.0, 5)])
def test_what_is_surely_below_what_is_worth_anything_has_lost(
    tmp_path: Path, worth: float, rounds: int
) -> None:
    """Undecided between faster and slower, and for sure less than twice as fast."""
    before = [1.0, 1.2] * 9
    wall = {Side.BEFORE: before, Side.AFTER: [1.05] * 18}
    result = measured(tmp_path, FakeExecutor(wall), least=5, most=18, worth=worth)
    assert result.verdict is Verdict.INCONCLUSIVE
    assert len(result.before) == rounds
