"""What is measured beside the headline: texts said again, and several levels of concurrency."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bench_fakes import LONG, SHORT, SOUND, FakeExecutor, measured, npy, reported

from ttsopt.bench.job import Task, WorkerJob
from ttsopt.bench.report.data import report_data
from ttsopt.bench.report.markdown import report_markdown
from ttsopt.bench.result import BenchmarkResult
from ttsopt.bench.run.worker_result import WorkerResult
from ttsopt.cli.show_bench import show_bench
from ttsopt.domain.measurement import Scenario, Side, SpokenScenario, Utterance, Verdict

WALL = {Side.BEFORE: (4.0, 4.0, 4.0), Side.AFTER: (4.0, 4.0, 4.0)}
HOT = Scenario("hot", (SHORT, LONG))
TWO = Scenario("at-once-2", (Utterance("short-x2-1", "One."), Utterance("short-x2-2", "One.")), 2)


def kept_after(job: WorkerJob, answer: WorkerResult) -> WorkerResult:
    """The after side answers `short` from a kept value, in a quarter of the time; `long` it has not kept."""
    if job.task is not Task.MEASURE or job.side is Side.BEFORE:
        return answer
    counts = {"cache_hits": 0, "cache_misses": 2}
    fresh = tuple(replace(row, counters=counts) for row in answer.utterances)
    further = {name: answered(name, row) for name, row in answer.further.items()}
    return replace(answer, utterances=fresh, further=further)


def answered(name: str, row: SpokenScenario) -> SpokenScenario:
    if name != "hot":
        return row
    hit, missed = row.utterances
    hit = replace(hit, wall_seconds=1.0, counters={"cache_hits": 2, "cache_misses": 0})
    missed = replace(missed, counters={"cache_hits": 0, "cache_misses": 2})
    return replace(row, utterances=(hit, missed))


def run(folder: Path, *further: Scenario, executor: FakeExecutor | None = None) -> BenchmarkResult:
    fake = executor or FakeExecutor(WALL, answer=kept_after)
    return measured(folder, fake, utterances=(SHORT, LONG), further=further, rounds=3)


def data_of(result: BenchmarkResult) -> Any:
    """As a script reads it: strict JSON and back."""
    return json.loads(json.dumps(report_data(result), allow_nan=False))


def test_what_is_said_again_is_not_in_the_headline(tmp_path: Path) -> None:
    result = run(tmp_path, HOT)
    assert result.speedup.value == pytest.approx(1)
    assert result.verdict is Verdict.SAME
    data = data_of(result)
    assert data["hot"] is True
    assert data["hot_cache"]["speedup"]["value"] == pytest.approx(8 / 5)
    assert data["hot_cache"]["speedup"]["interval"] == [pytest.approx(1.6), pytest.approx(1.6)]
    assert data["hot_cache"]["after"]["rtf"] == pytest.approx(5 / 4)
    assert data["after"]["rtf"] == pytest.approx(2)
    assert [row["id"] for row in data["after"]["utterances"]] == ["short", "long"]


def test_the_hit_rate_is_the_share_of_calls_that_a_kept_value_answered(tmp_path: Path) -> None:
    data = data_of(run(tmp_path, HOT))
    assert data["hot_cache"]["after"]["hit_rate"] == 0.5
    assert data["after"]["hit_rate"] == 0
    assert data["hot_cache"]["before"]["hit_rate"] is None


def test_without_it_nothing_is_said_of_it(tmp_path: Path) -> None:
    data = data_of(run(tmp_path))
    assert (data["hot"], data["hot_cache"]) == (False, None)


def test_a_kept_value_that_is_wrong_is_found(tmp_path: Path) -> None:
    def other_sound(job: WorkerJob, answer: WorkerResult) -> WorkerResult:
        if job.task is Task.MEASURE and job.side is Side.AFTER:
            wrong = job.control / "output" / "hot" / "short.npy"
            wrong.write_bytes(npy([-value for value in SOUND]))
        return answer

    outputs = run(tmp_path, HOT, executor=FakeExecutor(WALL, answer=other_sound)).outputs
    assert {row.id: row.equal for row in outputs} == {
        "short": True,
        "long": True,
        "hot/short": False,
        "hot/long": True,
    }


def test_every_level_has_its_latency_and_its_ratio(tmp_path: Path) -> None:
    def slower_before(job: WorkerJob, answer: WorkerResult) -> WorkerResult:
        seconds = 8.0 if job.side is Side.BEFORE else 4.0
        rows = {name: replace(row, whole=(seconds, 1.0)) for name, row in answer.further.items()}
        return replace(answer, further=rows)

    result = run(tmp_path, TWO, executor=FakeExecutor(WALL, answer=slower_before))
    assert result.speedup.value == pytest.approx(1)
    one, two = data_of(result)["levels"]
    assert (one["concurrency"], two["concurrency"]) == (1, 2)
    assert one["before"]["latency"]["requests_per_second"] == pytest.approx(2 / 8)
    rates = [two[side.value]["latency"]["requests_per_second"] for side in Side]
    assert rates == [pytest.approx(2 / 8), pytest.approx(2 / 4)]
    assert two["speedup"]["value"] == pytest.approx(2)
    assert two["after"]["latency"]["whole"] == {"50": 4, "90": 4, "95": 4, "99": 4}


def test_every_round_is_kept_raw(tmp_path: Path) -> None:
    rounds = data_of(run(tmp_path, HOT, TWO))["rounds"]
    asked = ["hot", "at-once-2"]
    again = [*asked, "repeat"]
    assert [list(row["after"]["further"]) for row in rounds] == [asked, again, asked]
    assert rounds[0]["after"]["further"]["hot"]["rtf"] == pytest.approx(5 / 4)


def test_voices_are_made_for_all_that_is_spoken(tmp_path: Path) -> None:
    executor = FakeExecutor(WALL)
    run(tmp_path, HOT, TWO, executor=executor)
    prepared, timed = executor.jobs[0], executor.jobs[3]
    assert [row.id for row in timed.utterances] == ["short", "long", "short-x2-1", "short-x2-2"]
    assert set(timed.utterances) < set(prepared.utterances)
    assert [row["speak"] for row in timed.message(tmp_path)["scenarios"]] == [  # type: ignore[attr-defined]
        ["short", "long"],
        ["short", "long"],
        ["short-x2-1", "short-x2-2"],
    ]


def test_people_read_a_table_of_either(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = run(tmp_path, HOT, TWO)
    show_bench(reported(result), rtf=True)
    told = capsys.readouterr().out
    assert "hot, apart from the verdict: 1.600x (95%: 1.600 to 1.600)" in told
    (kept,) = (line.split() for line in told.splitlines() if "from a cache" in line)
    assert kept[-3:] == ["not", "counted", "50%"]
    levels = [line.split() for line in told.splitlines() if "before" in line or "after" in line]
    assert ["2", "before", "0.250", "4.000", "4.000", "4.000", "4.000", "2.0000"] in levels


def test_markdown_has_both(tmp_path: Path) -> None:
    text = report_markdown(reported(run(tmp_path, HOT, TWO)))
    assert "| hot: each text again | before | after |" in text
    assert "- hot, apart from the verdict: 1.600x (95%: 1.600 to 1.600)" in text
    assert "| calls answered from a cache | not counted | 50% |" in text
    level = "| 2 | before | 0.250 | 4.000 | 4.000 | 4.000 | 4.000 | 2.0000 |  |"
    assert level in text


def test_counters_are_shown_by_the_call(tmp_path: Path) -> None:
    data = data_of(run(tmp_path, executor=FakeExecutor(WALL)))
    assert data["before"]["counters"] == {"nfe": 64}
    assert data["before"]["counters_per_call"] == {"nfe": {"mean": 32, "steady": True}}


def test_a_counter_that_differs_from_call_to_call_is_a_mean(tmp_path: Path) -> None:
    def more_for_the_second(job: WorkerJob, answer: WorkerResult) -> WorkerResult:
        rows = tuple(
            replace(row, counters={"tokens": 10.0 * i}) for i, row in enumerate(answer.utterances)
        )
        return replace(answer, utterances=rows)

    result = run(tmp_path, executor=FakeExecutor(WALL, answer=more_for_the_second))
    counted = data_of(result)["after"]["counters_per_call"]
    assert counted == {"tokens": {"mean": 5, "steady": False}}
    assert "counted tokens, mean of calls: 5 -\\> 5" in report_markdown(reported(result))
