"""Two pairs of processes that stay loaded: in turn, a new text each time, and both pairs have to agree."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from bench_fakes import FakeExecutor, bench_setup, bench_spec, measured, reported

from ttsopt.bench.job import Task, Took, WorkerJob
from ttsopt.bench.result import BenchmarkResult
from ttsopt.bench.run.controller import run_benchmark
from ttsopt.bench.run.runner import Progress
from ttsopt.bench.run.turns import GoneError, Turns
from ttsopt.bench.run.variation import lengthened
from ttsopt.bench.run.worker_result import WorkerResult
from ttsopt.bench.spec import FRESH, REPEAT, BenchSpec
from ttsopt.domain.limits import Limits
from ttsopt.domain.measurement import Figure, Side, Utterance, Verdict
from ttsopt.errors import CannotRunError, UsageError
from ttsopt.operations.bench.check import check_spec
from ttsopt.operations.plan.selection import Selection

NOISE = (1.0, 1.01, 0.99, 1.005)
TEXTS = (
    Utterance("en", "The birch canoe slid.", 0, varies=True),
    Utterance("zh", "今天天气很好。", 1, varies=True),
)


@dataclass
class Resident(FakeExecutor):
    """As `FakeExecutor`; a resident job speaks in turn. `wall` is by round, `spoken` what was spoken."""

    spoken: list[tuple[Side, str, str]] = field(default_factory=list)
    dies: Callable[[WorkerJob, int], BaseException | None] = lambda *_: None

    def run(self, job: WorkerJob) -> WorkerResult:
        if job.turn is None:
            return super().run(job)
        result = super().run(job)
        rows = {FRESH: result.utterances} | {
            name: row.utterances for name, row in result.further.items()
        }
        took, complete = None, 0
        for number, scenario in enumerate(job.expected):
            if not job.turn.take(took):
                break
            if error := self.dies(job, number):
                raise error
            (text,) = scenario.utterances
            self.spoken.append((job.side, scenario.name, text.text))
            took, complete = self._took(job, text.id), number + 1
            rows[scenario.name] = tuple(
                replace(row, wall_seconds=took.wall, cpu_seconds=took.cpu)
                for row in rows[scenario.name]
            )
        names = [row.name for row in job.expected][1:complete]
        further = {name: replace(result.further[name], utterances=rows[name]) for name in names}
        return replace(result, utterances=rows[FRESH], further=further)

    def _took(self, job: WorkerJob, id_: str) -> Took:
        wall = self.wall[job.side][int(id_.removeprefix("text-")) - 1]
        return Took(wall, 2 * wall, 2.0)


def walls(*speedups: float) -> dict[Side, Sequence[float]]:
    """Noisy seconds of each round for those ratios before / after."""
    noise = list(itertools.islice(itertools.cycle(NOISE), len(speedups) + 2))
    before = [10 * one for one in noise]
    return {Side.BEFORE: before, Side.AFTER: [10 / one for one in (*speedups, 1, 1)]}


def resident(
    folder: Path, executor: FakeExecutor, rounds: int = 12, **changes: Any
) -> BenchmarkResult:
    return measured(folder, executor, rounds=rounds, resident=True, utterances=TEXTS, **changes)


def test_both_pairs_speak_every_text_in_turn_and_agree(tmp_path: Path) -> None:
    executor = Resident(walls(*[2.0] * 12))
    result = resident(tmp_path, executor)
    assert (result.verdict, result.pairs) == (Verdict.FASTER, (6, 6))
    assert result.speedup.value == pytest.approx(2, rel=0.01)
    texts = [text for _, _, text in executor.spoken]
    pairs = [{side for side, _, _ in executor.spoken[i : i + 2]} for i in range(0, len(texts), 2)]
    assert pairs == [set(Side)] * len(pairs)
    timed = [text for side, name, text in executor.spoken if side is Side.AFTER and name != REPEAT]
    assert len(set(timed)) == len(timed) == 12
    assert [row.task for row in executor.jobs] == [Task.PREPARE, Task.TRACE, *[Task.MEASURE] * 4]


def test_the_second_pair_says_again_what_the_first_round_said(tmp_path: Path) -> None:
    executor = Resident(walls(*[2.0] * 12))
    result = resident(tmp_path, executor)
    first = {side: text for side, _, text in executor.spoken[:2]}
    again = {side: text for side, name, text in executor.spoken if name == REPEAT}
    assert again == first
    assert result.repeatable[Side.BEFORE] == {"text": True}


def test_the_order_is_drawn_and_balanced(tmp_path: Path) -> None:
    executor = Resident(walls(*[2.0] * 12))
    resident(tmp_path, executor)
    first = [side for side, name, _ in executor.spoken if name != REPEAT][::2]
    assert sorted(map(first.count, Side)) == [6, 6]
    assert first != [first[0], first[1]] * 6


@pytest.mark.parametrize(
    ("speedups", "floor"),
    [
        ([1.5] * 6 + [1.0] * 6, 0.03),
        ([1.5] * 6 + [0.7] * 6, 0.03),
        ([1.04] * 12, 0.05),
        ([1 / 1.04] * 12, 0.05),
    ],
    ids=["one pair alone", "the other way", "within the floor", "slower within the floor"],
)
def test_pairs_that_do_not_agree_beyond_the_floor_decide_nothing(
    tmp_path: Path, speedups: Sequence[float], floor: float
) -> None:
    result = resident(tmp_path, Resident(walls(*speedups)), floor=floor)
    assert result.verdict is Verdict.INCONCLUSIVE


def test_what_is_slower_in_both_pairs_is_slower(tmp_path: Path) -> None:
    result = resident(tmp_path, Resident(walls(*[0.8] * 12)))
    assert result.verdict is Verdict.SLOWER


def test_limits_are_judged_by_the_worse_pair_and_loading_by_none(tmp_path: Path) -> None:
    result = resident(tmp_path, Resident(walls(*[1.5] * 6, *[1.3] * 6)))
    bounds = result.bounds[Figure.SPEEDUP].interval
    assert bounds.low < 1.3
    assert bounds.high > 1.5
    assert Figure.LOAD not in result.bounds
    assert reported(result).data["load_ratio"] is None


def test_a_pair_ends_when_it_is_decided(tmp_path: Path) -> None:
    executor = Resident(walls(*[2.0] * 40))
    assert resident(tmp_path, executor, least=6, most=40).pairs == (3, 3)


def test_a_report_says_how_it_was_measured_and_what_each_pair_says(tmp_path: Path) -> None:
    report = reported(resident(tmp_path, Resident(walls(*[1.5] * 6, *[1.3] * 6)), floor=0.02))
    lines = "\n".join(line for section in report.sections for line in section.lines)
    pairs = report.data["resident"]["pairs"]
    assert [row["value"] for row in pairs] == pytest.approx([1.5, 1.3], rel=0.01)
    assert all(f"{row['value']:.3f}x" in lines for row in pairs)
    assert "noise floor of 2.0%" in lines
    assert "what one process brings by itself is not in the interval" in lines
    assert [row["rounds"] for row in pairs] == [6, 6]


def test_a_process_that_dies_in_the_first_pair_is_an_error(tmp_path: Path) -> None:
    died = CannotRunError("worker-died", "it died", "look")
    executor = Resident(
        walls(*[2.0] * 12), dies=lambda job, n: died if job.side is Side.AFTER and n == 2 else None
    )
    with pytest.raises(CannotRunError, match="it died"):
        resident(tmp_path, executor)


def test_a_process_that_dies_in_the_second_pair_leaves_it_open(tmp_path: Path) -> None:
    died = CannotRunError("worker-died", "it died", "look")
    executor = Resident(
        walls(*[2.0] * 12), dies=lambda job, n: died if job.round == 7 and n == 2 else None
    )
    result = resident(tmp_path, executor)
    assert (result.verdict, result.failure, result.pairs) == (Verdict.INCONCLUSIVE, died, (6, 0))


def test_an_interrupt_keeps_the_rounds_that_are_complete(tmp_path: Path) -> None:
    def interrupt(step: Progress) -> None:
        if step.round == 4:
            raise KeyboardInterrupt

    result = measured(
        tmp_path,
        Resident(walls(*[2.0] * 12)),
        interrupt,
        rounds=12,
        resident=True,
        utterances=TEXTS,
    )
    assert (result.interrupted, result.pairs, len(result.after)) == (True, (3,), 3)
    assert result.verdict is Verdict.INCONCLUSIVE


def test_memory_and_time_are_said_before_it_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[Progress] = []
    executor = Resident(
        walls(*[2.0] * 12), answer=lambda _, row: replace(row, peak_rss_bytes=2**30)
    )
    spec = bench_spec(least=6, most=12, resident=True, budget=30)
    setup = bench_setup(tmp_path / "a", utterances=TEXTS)
    run_benchmark(spec, setup, executor, steps.append, clock=lambda: 10.0 * len(executor.spoken))
    memory, seconds = (one for step in steps for one in step.notices)
    assert "2.0 GiB for both sides" in memory
    assert "more than the budget of 30 s" in seconds
    monkeypatch.setattr("ttsopt.bench.run.resident.available_memory", lambda: 2**30)
    with pytest.raises(CannotRunError) as caught:
        measured(tmp_path / "b", executor, rounds=12, resident=True, utterances=TEXTS)
    assert caught.value.code == "too-little-memory"


@pytest.mark.parametrize(
    "changes",
    [
        {"stream": True},
        {"hot": True},
        {"concurrency": (1, 2)},
        {"limits": Limits(max_load=2.0)},
        {"texts": ("one", "two")},
    ],
    ids=str,
)
def test_what_it_cannot_measure_is_a_wrong_use(changes: Mapping[str, object]) -> None:
    with pytest.raises(UsageError):
        check_spec(BenchSpec(resident=True, **changes), Selection())  # type: ignore[arg-type]


def test_both_pairs_have_as_many_rounds_and_a_text_of_ones_own_is_spoken_once() -> None:
    spec = check_spec(
        BenchSpec(resident=True, least=5, most=40, texts=tuple("abcdefghi")), Selection()
    )
    assert (spec.least, spec.most, spec.warmup) == (6, 8, 1)


def test_twelve_rounds_that_follow_each_other_have_twelve_lengths() -> None:
    for text in ("The cat sat.", "今天天气很好。"):
        lengths = {len(lengthened(text, number).encode()) for number in range(12)}
        assert len(lengths) == 12


def test_kernels_are_chosen_untimed_for_the_longest_text_too(tmp_path: Path) -> None:
    spec, setup = bench_spec(resident=True), bench_setup(tmp_path, utterances=TEXTS)
    spoken = [
        {row.text for scenario in job.expected for row in scenario.utterances}
        for job in (
            WorkerJob(spec, setup, Task.FILL, Side.AFTER, tmp_path),
            WorkerJob(
                spec, setup, Task.MEASURE, Side.AFTER, tmp_path, 1, Turns(1.0).of(Side.AFTER)
            ),
        )
    ]
    filled, timed = ({len(text.encode()) for text in texts} for texts in spoken)
    assert max(filled) >= max(timed)
    assert not spoken[0] & spoken[1]


def test_a_side_that_does_not_come_back_is_killed() -> None:
    turns = Turns(0.05)
    with pytest.raises(GoneError) as caught:
        turns.ready(Side.BEFORE)
    assert caught.value.is_hung
