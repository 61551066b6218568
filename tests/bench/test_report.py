"""What a benchmark leaves for scripts and for people."""

from __future__ import annotations

import html
import json
import math
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from bench_fakes import LONG, SHORT, FakeExecutor, measured, reported

from ttsopt.bench.gates.limits import judge_limits
from ttsopt.bench.job import WorkerJob
from ttsopt.bench.report.data import report_data
from ttsopt.bench.report.markdown import report_markdown
from ttsopt.bench.report.model import BenchReport
from ttsopt.bench.report.page.page import page as report_html
from ttsopt.bench.result import BenchmarkResult
from ttsopt.bench.run.worker_result import WorkerResult
from ttsopt.bench.spec import WatchedEdit, WatchedFile
from ttsopt.bench.stats.sequential import interim_plan, noise_floor
from ttsopt.bench.stats.statistics import ratios
from ttsopt.cli.show_bench import show_bench
from ttsopt.domain.limits import Limits
from ttsopt.domain.measurement import GateResult, OutputComparison, Scenario, Side, WorkerRound
from ttsopt.errors import CannotRunError
from ttsopt.operations.bench.report import floor

if TYPE_CHECKING:
    from ttsopt.operations.bench.run import Benchmark

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
    assert data["stubs"] == ["random weights"]
    assert data["gates"][0] == {
        "name": "max-rtf",
        "asked": "at most 2",
        "measured": "1 in this run on this machine, with 99% within 1 to 1",
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
    assert "| peak memory, MiB | 0 | unknown |" in report_markdown(reported(unknown))


def texts(report: BenchReport, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """All forms of one report, marks and tags taken off; of the page what it has of the report itself."""
    show_bench(report, rtf=True)
    page = report_html(replace(report, summary=None, charts=())).partition("</head>")[2]
    return {
        "terminal": capsys.readouterr().out,
        "markdown": re.sub(r"\\(?=\W)", "", report_markdown(report)),
        "html": html.unescape(re.sub(r"<[^>]*>", "\n", page)),
    }


def words(text: str) -> list[str]:
    """Every number of a text, in order, with nothing around it."""
    return re.findall(r"\d+(?:\.\d+)?", text)


def test_all_forms_of_one_run_have_the_same_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wall = {
        Side.BEFORE: (4.1, 3.7, 4.3, 3.9, 4.2, 4.0, 3.8),
        Side.AFTER: (2.1, 2.3, 1.9, 2.2, 2.0, 2.4, 1.8),
    }
    further = (Scenario("hot", (SHORT,)), Scenario("at-once-2", (LONG,), 2))
    result = measured(tmp_path, FakeExecutor(wall), rounds=7, further=further)
    report = reported(result, gates(result, 2.0))
    data = json.loads(json.dumps(report.data, allow_nan=False))
    low, high = data["speedup"]["interval"]
    expected = [f"{data['speedup']['value']:.3f}x (95%: {low:.3f} to {high:.3f}, 7 rounds)"]
    for side in ("before", "after"):
        for name, digits in (("rtf", 4), ("rtfx", 3), ("seconds", 3), ("cpu_seconds", 3)):
            expected.append(f"{data[side][name]:.{digits}f}")
        expected.append(" to ".join(f"{end:.4f}" for end in data[side]["rtf_interval"]))
        expected.append(f"{data['hot_cache'][side]['rtf']:.4f}")
        expected.append(f"{data['levels'][1][side]['latency']['whole']['95']:.3f}")
    expected.append(data["gates"][0]["measured"])
    for form, text in texts(report, capsys).items():
        assert [one for one in expected if one not in text] == [], form


def test_every_form_has_the_same_numbers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = reported(run(tmp_path))
    forms = {name: Counter(words(text)) for name, text in texts(report, capsys).items()}
    assert forms["html"] == forms["markdown"]
    assert forms["terminal"] - Counter(words("RTF 4.0000 -> 1.0000")) == forms["markdown"]


def test_an_end_that_tells_nothing_is_a_question_mark_in_words_and_a_number_in_data(
    tmp_path: Path,
) -> None:
    """Of two rounds, of which one took four times the other: from 0.0006 to 26,000."""
    report = reported(run(tmp_path))
    low, high = report.data["before"]["rtf_interval"]
    assert high > 10000
    assert f"{low:.4f} to ?" in report_markdown(report)


def test_one_run_has_one_interval_of_its_rtf(tmp_path: Path) -> None:
    """That of the interim analysis at which it stopped, wherever it stands."""
    noisy = {
        Side.BEFORE: (4.0, 5.0, 4.5, 4.2, 4.8, 4.1, 4.9, 4.4),
        Side.AFTER: (4.1, 4.2, 4.9, 4.0, 4.4, 4.6, 4.3, 4.5),
    }
    result = measured(tmp_path, FakeExecutor(noisy), least=2, most=8)
    for side in Side:
        low, high = data_of(result)[side.value]["rtf_interval"]
        found = result.rtf[side].interval
        assert (low, high) == (pytest.approx(found.low), pytest.approx(found.high))


def test_markdown_has_the_verdict_the_table_and_the_limits(tmp_path: Path) -> None:
    result = run(tmp_path)
    text = report_markdown(reported(result, gates(result, 0.5)))
    assert text.startswith("**inconclusive: 4.000x (95%: ")
    assert "|  | before | after | before / after |" in text
    assert "| RTFx | 0.250 | 1.000 |  |" in text
    assert "- output short: equal bits" in text
    assert (
        "- gate max-rtf: FAILED: at most 0.5; 1 in this run on this machine, with 99% within 1 to 1"
        in text
    )
    assert "- stub: random weights" in text


def test_a_report_says_how_outputs_differ_and_what_went_wrong(tmp_path: Path) -> None:
    wave = OutputComparison("a", equal=False, duration_ratio=1, snr_db=61.2, max_difference=0.5)
    tokens = OutputComparison("b", equal=False, duration_ratio=0.5, token_agreement=0.96)
    lost = OutputComparison("c", equal=False, duration_ratio=1, snr_db=-math.inf)
    outputs = (wave, tokens, lost)
    result = replace(
        run(tmp_path),
        outputs=outputs,
        repeatable={side: {row.id: True for row in outputs} for side in Side},
        interrupted=True,
        never_run=("tts/fast",),
        bad_audio=("a is silent",),
    )
    lines = [line for section in reported(result).sections for line in section.lines]
    assert (
        "output a: different, duration x 1.000, SNR 61.2 dB, largest difference 0.5, worst in round 1"
        in lines
    )
    assert "output b: different, duration x 0.500, 96.0% of tokens equal, worst in round 1" in lines
    assert "output c: different, duration x 1.000, worst in round 1" in lines
    assert "interrupted: 2 complete rounds count" in lines
    assert "NOT EXERCISED: no edit of tts/fast ran; the figures say nothing about it" in lines
    assert "after side: a is silent" in lines


def test_nothing_that_a_worker_says_is_markup_in_markdown(tmp_path: Path) -> None:
    """No name forges a row of the table, a link, an image or HTML."""
    evil = "x | 9 |\n| RTF | 0.1 | ![i](https://e.org/i) <img src=x> `c` ##[error]"
    clean = run(tmp_path / "clean")
    error = CannotRunError("target-failed", evil, "", (evil,))
    forged = replace(
        clean,
        before=tuple(_counting(row, evil) for row in clean.before),
        after=tuple(_counting(row, evil) for row in clean.after),
        stubs=(evil,),
        failure=error,
    )
    gate = GateResult(evil, evil, evil, passed=False)
    failed = replace(clean, failure=CannotRunError("c", "m"))
    plain = report_markdown(reported(failed, [gate])).splitlines()
    lines = report_markdown(reported(forged, [gate], system=evil)).splitlines()
    assert len(lines) == len(plain)
    rows = [line for line in lines if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {5}
    bare = re.sub(r"\\.", "", "\n".join(lines))
    assert not re.search(r"[\[\]<>`]|https:|##\[", bare)


def _counting(row: WorkerRound, name: str) -> WorkerRound:
    spoken = tuple(replace(one, counters={name: 1.0}) for one in row.utterances)
    return replace(row, utterances=spoken)


def test_the_noise_floor_is_judged_as_often_as_the_run_was_looked_at(tmp_path: Path) -> None:
    """A run that ended after 5 of 40 rounds was judged by wider bounds than one of 5 rounds at once."""
    walls = {Side.BEFORE: (1.0, 1.1, 0.9, 1.05, 0.95), Side.AFTER: (1.0,) * 5}
    once = measured(tmp_path, FakeExecutor(walls), rounds=5)
    asked = SimpleNamespace(patches=(), against="")
    floors = [
        floor(cast("Benchmark", SimpleNamespace(comparison=asked, result=result)))
        for result in (once, replace(once, spec=replace(once.spec, most=40)))
    ]
    values = ratios(once.before, once.after)
    assert floors == [noise_floor(values, interim_plan(5, most)) for most in (5, 40)]
    assert floors[0] is not None
    assert floors[0] < noise_floor(values, interim_plan(5, 40))
