"""What a benchmark leaves for scripts and for people."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bench_fakes import LONG, SHORT, FakeExecutor, measured

from ttsopt.bench.gates.limits import judge_limits
from ttsopt.bench.report.data import report_data
from ttsopt.bench.report.markdown import report_markdown
from ttsopt.bench.result import BenchmarkResult
from ttsopt.bench.run.worker_result import WorkerResult
from ttsopt.bench.spec import WatchedEdit, WatchedFile, WorkerJob
from ttsopt.domain.limits import Limits
from ttsopt.domain.measurement import GateResult, OutputComparison, Side, WorkerRound
from ttsopt.errors import CannotRunError

FILE = WatchedFile("src/a.py", "a", "aa", (WatchedEdit("0", "tts/fast", 3, 4),))


def run(folder: Path, **changes: Any) -> BenchmarkResult:
    """RTF before 2 and 8 in the two rounds, after 1 and 1."""
    wall = {Side.BEFORE: (4.0, 16.0), Side.AFTER: (2.0, 2.0)}
    given = {"utterances": (SHORT, LONG), "files_after": (FILE,)} | changes
    return measured(folder, FakeExecutor(wall), **given)


def gates(result: BenchmarkResult, max_rtf: float) -> list[GateResult]:
    return list(judge_limits(result, Limits(max_rtf=max_rtf)))


def data_of(result: BenchmarkResult) -> Any:
    """As a script reads it: strict JSON and back."""
    text = json.dumps(
        report_data(result, gates(result, 2.0), {"machine": {"cpu": "a processor"}}),
        allow_nan=False,
    )
    return json.loads(text)


def test_totals_are_geometric_means_that_fit_together(tmp_path: Path) -> None:
    before = data_of(run(tmp_path))["before"]
    assert before["rtf"] == pytest.approx(4)
    assert before["rtfx"] == pytest.approx(0.25)
    assert before["seconds"] == pytest.approx(16)
    assert before["audio_seconds"] == pytest.approx(4)
    assert before["rtf"] == pytest.approx(before["seconds"] / before["audio_seconds"])
    assert before["rtf_interval"][0] < 4 < before["rtf_interval"][1]
    assert before["cpu_seconds"] == pytest.approx(40)
    assert (before["peak_memory"], before["load_seconds"]) == (1024, 1)
    assert before["warmup_seconds"] == [0.5]
    assert before["counters"] == {"nfe": 64}


def test_each_utterance_has_its_figures(tmp_path: Path) -> None:
    short, long = data_of(run(tmp_path))["after"]["utterances"]
    assert (short["id"], long["id"]) == ("short", "long")
    assert (short["rtf"], short["seconds"]) == (pytest.approx(1), pytest.approx(2))
    assert (short["audio_seconds"], short["counters"]) == (pytest.approx(2), {"nfe": 32})


def test_the_contract_names_are_there(tmp_path: Path) -> None:
    data = data_of(run(tmp_path))
    assert data["speedup"]["value"] == pytest.approx(4)
    assert data["speedup"]["level"] == 0.95
    assert data["verdict"] == "inconclusive"
    assert data["environment"] == {
        "machine": {"cpu": "a processor"},
        "worker": {"python": "3.11.7"},
    }
    assert data["exercised"] == [
        {"patch": "tts/fast", "path": "src/a.py", "line": 3, "executed": True}
    ]
    assert data["stands_in"] == ["random weights"]
    assert data["gates"][0] == {
        "name": "max-rtf",
        "asked": "at most 2",
        "measured": "1, with 99% within 1 to 1",
        "passed": True,
        "outcome": "passed",
    }
    assert (data["seed"], data["order_seed"], data["weights"]) == (0, 1, "random")
    assert "wall seconds / audio seconds" in data["rtf_definition"]


def test_the_ratio_of_cpu_time_has_an_interval_and_a_verdict_of_its_own(tmp_path: Path) -> None:
    def half_of_it_waits(job: WorkerJob, answer: WorkerResult) -> WorkerResult:
        cpu = 4.0 if job.side is Side.BEFORE else 2.0
        return replace(
            answer, utterances=tuple(replace(r, cpu_seconds=cpu) for r in answer.utterances)
        )

    wall = {Side.BEFORE: [4.0] * 5, Side.AFTER: [4.0] * 5}
    executor = FakeExecutor(wall, answer=half_of_it_waits)
    data = data_of(measured(tmp_path, executor, rounds=5))
    assert (data["speedup"]["value"], data["verdict"]) == (pytest.approx(1), "same")
    assert data["cpu_speedup"]["value"] == pytest.approx(2)
    assert data["cpu_speedup"]["interval"] == [pytest.approx(2), pytest.approx(2)]
    assert (data["cpu_speedup"]["verdict"], data["cpu_speedup"]["rounds"]) == ("faster", 5)


def test_cpu_time_counts_per_second_of_audio(tmp_path: Path) -> None:
    result = run(tmp_path)
    longer = [replace(u, audio_seconds=2 * u.audio_seconds) for u in result.after[0].utterances]
    after = tuple(replace(round_, utterances=tuple(longer)) for round_ in result.after)
    assert data_of(replace(result, after=after))["cpu_speedup"]["value"] == pytest.approx(8)


def test_a_clock_of_cpu_time_that_reads_nothing_gives_no_ratio(tmp_path: Path) -> None:
    result = run(tmp_path)
    still = [replace(u, cpu_seconds=0.0) for u in result.after[0].utterances]
    after = (replace(result.after[0], utterances=tuple(still)), *result.after[1:])
    assert data_of(replace(result, after=after))["cpu_speedup"] is None


def test_cpu_time_says_nothing_of_a_patch_that_never_ran(tmp_path: Path) -> None:
    idle = replace(run(tmp_path), never_run=("tts/fast",))
    assert data_of(idle)["cpu_speedup"]["verdict"] == "not_exercised"


def test_every_round_is_kept_raw(tmp_path: Path) -> None:
    data = data_of(run(tmp_path))
    assert [row["before"]["rtf"] for row in data["rounds"]] == [2, 8]
    assert data["rounds"][0]["after"]["utterances"][0]["seconds"] == 2
    assert sorted(data["order"][0]) == ["after", "before"]


def test_equal_outputs_have_no_infinite_number_in_json(tmp_path: Path) -> None:
    row = data_of(run(tmp_path))["outputs"][0]
    assert (row["equal"], row["snr_db"], row["max_difference"]) == (True, None, 0)
    assert row["repeatable"] == {"before": True, "after": True}


def test_one_round_has_an_open_interval(tmp_path: Path) -> None:
    assert data_of(run(tmp_path, rounds=1))["speedup"]["interval"] == [0, None]


def test_no_path_of_the_machine_is_in_the_data(tmp_path: Path) -> None:
    result = run(tmp_path, weights=str(tmp_path / "weights"))
    assert str(tmp_path) not in json.dumps(data_of(result))
    assert data_of(result)["weights"] == "given"


def test_latency_is_in_percentiles_and_requests(tmp_path: Path) -> None:
    found = data_of(run(tmp_path))["before"]["latency"]
    assert found["requests"] == 4
    assert found["requests_per_second"] == pytest.approx(4 / 40)
    assert found["whole"] == {"50": 4, "90": 16, "95": 16, "99": 16}
    assert found["first_audio"] is None


def test_unknown_memory_is_null(tmp_path: Path) -> None:
    result = run(tmp_path)
    unknown = replace(result, after=tuple(replace(r, peak_rss_bytes=0) for r in result.after))
    assert data_of(unknown)["after"]["peak_memory"] is None
    assert "| 0 | unknown |" in report_markdown(unknown)


def test_markdown_has_the_verdict_the_table_and_the_limits(tmp_path: Path) -> None:
    result = run(tmp_path)
    text = report_markdown(result, gates(result, 0.5))
    assert text.startswith("**inconclusive**: speedup 4 (95%: ")
    assert "|  | before | after |" in text
    assert "| RTFx | 0.25 | 1 |" in text
    assert "- short: equal bits" in text
    assert "- gate max-rtf: failed, at most 0.5; 1, with 99% within 1 to 1" in text
    assert "- stand-in: random weights" in text


def test_markdown_says_how_outputs_differ_and_what_went_wrong(tmp_path: Path) -> None:
    wave = OutputComparison("a", equal=False, duration_ratio=1, snr_db=61.2, max_difference=0.5)
    tokens = OutputComparison("b", equal=False, duration_ratio=0.5, token_agreement=0.96)
    lost = OutputComparison("c", equal=False, duration_ratio=1, snr_db=-math.inf)
    text = report_markdown(
        replace(
            run(tmp_path),
            outputs=(wave, tokens, lost),
            interrupted=True,
            never_run=("tts/fast",),
            bad_audio=("a is silent",),
        )
    )
    assert "- a: different; duration x 1, SNR 61.2 dB, largest difference 0.5" in text
    assert "- b: different; duration x 0.5, 96.0% of tokens equal" in text
    assert "- c: different; duration x 1, SNR -inf dB" in text
    assert "- interrupted after 2 rounds" in text
    assert "- not exercised: no edit of tts/fast ran" in text
    assert "- after side: a is silent" in text


def test_nothing_that_a_worker_says_is_markup_in_markdown(tmp_path: Path) -> None:
    """No name forges a row of the table, a link, an image or HTML."""
    evil = "x | 9 |\n| RTF | 0.1 | ![i](https://e.org/i) <img src=x> `c` ##[error]"
    clean = run(tmp_path / "clean")
    error = CannotRunError("target-failed", evil, "", (evil,))
    forged = replace(
        clean,
        before=tuple(_counting(row, evil) for row in clean.before),
        after=tuple(_counting(row, evil) for row in clean.after),
        outputs=tuple(replace(row, id=evil) for row in clean.outputs),
        stands_in=(evil,),
        failure=error,
    )
    gate = GateResult(evil, evil, evil, passed=False)
    plain = report_markdown(replace(clean, failure=CannotRunError("c", "m")), [gate]).splitlines()
    lines = report_markdown(forged, [gate]).splitlines()
    assert len(lines) == len(plain)
    rows = [line for line in lines if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {4}
    bare = re.sub(r"\\.", "", "\n".join(lines))
    assert not re.search(r"[\[\]<>`]|https:|##\[", bare)


def _counting(row: WorkerRound, name: str) -> WorkerRound:
    spoken = tuple(replace(one, counters={name: 1.0}) for one in row.utterances)
    return replace(row, utterances=spoken)
