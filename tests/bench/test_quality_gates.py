"""Quality gates: what the patches under test promise, against what came out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from bench_fakes import FakeExecutor, measured, reported
from hypothesis import given
from hypothesis import strategies as st

from ttsopt.bench.gates.judge import exit_code
from ttsopt.bench.gates.quality import Promise, judge_quality, together
from ttsopt.bench.report.markdown import report_markdown
from ttsopt.bench.report.page.page import page as report_html
from ttsopt.bench.report.report import each_row
from ttsopt.bench.result import BenchmarkResult
from ttsopt.domain.effect import Tolerance
from ttsopt.domain.measurement import GateResult, OutputComparison, Side

CLOSE = Promise(close=Tolerance())
NEAR = OutputComparison("short", False, 1.0, 60.0, 0.01, None, 0.4, 1.5)
FAR = replace(NEAR, mel_db=0.6)
PROMISES = [Promise(), CLOSE, Promise(exact=True)]


@pytest.fixture
def result(tmp_path: Path) -> BenchmarkResult:
    """Two rounds of equal bits that repeat."""
    walls = dict.fromkeys(Side, (1.0, 1.0))
    return measured(tmp_path, FakeExecutor(walls))


def row_of(
    result: BenchmarkResult,
    asked: Promise,
    *outputs: OutputComparison,
    own: Sequence[OutputComparison] | None = None,
) -> GateResult:
    """The gate where the before side repeats itself, unless `own` says how far it is from itself."""
    steady = [replace(row, equal=True, changed_work=()) for row in outputs]
    rows = tuple(steady if own is None else own)
    (gate,) = judge_quality(replace(result, outputs=outputs, own=rows), asked)
    return gate


@pytest.mark.parametrize(
    ("changes", "passed"),
    [
        ({}, True),
        ({"mel_db": 0.5, "mel_db_worst": 2.0}, True),
        ({"mel_db": 0.51}, False),
        ({"mel_db_worst": 2.1}, False),
        ({"mel_db": None, "mel_db_worst": None, "duration_ratio": 1.2}, False),
        ({"equal": True, "mel_db": None, "mel_db_worst": None}, True),
        ({"mel_db": None, "mel_db_worst": None, "token_agreement": 0.99}, True),
        ({"mel_db": None, "mel_db_worst": None, "token_agreement": 0.985}, False),
    ],
)
def test_close_is_within_the_tolerance(
    result: BenchmarkResult, changes: dict[str, float], passed: bool
) -> None:
    changed = replace(NEAR, **changes)  # type: ignore[arg-type]
    assert row_of(result, CLOSE, changed).passed is passed


def test_a_patch_may_state_its_own_tolerance(result: BenchmarkResult) -> None:
    assert row_of(result, Promise(close=Tolerance(mel_db=0.7)), FAR).passed is True
    assert row_of(result, Promise(close=Tolerance(mel_db=0.3)), NEAR).passed is False


@pytest.mark.parametrize("own", [(), (FAR,)], ids=["one round", "as far from itself"])
@pytest.mark.parametrize("asked", PROMISES[1:])
def test_a_before_side_that_does_not_repeat_itself_leaves_a_broken_promise_undecided(
    result: BenchmarkResult, asked: Promise, own: tuple[OutputComparison, ...]
) -> None:
    gate = row_of(result, asked, FAR, own=own)
    assert gate.passed is None
    assert "not seen to repeat" in gate.measured


def test_within_the_tolerance_is_close_even_where_the_before_side_does_not_repeat(
    result: BenchmarkResult,
) -> None:
    assert row_of(result, CLOSE, NEAR, own=(FAR,)).passed is True


def test_one_utterance_outside_is_enough(result: BenchmarkResult) -> None:
    gate = row_of(result, CLOSE, NEAR, replace(FAR, id="long"))
    assert (gate.passed, gate.measured) == (
        False,
        "long, round 1 of 2: log-mel 0.6 dB, in one place 1.5 dB, SNR 60.0 dB",
    )


def test_the_gate_says_what_was_asked_and_how_near_it_came(result: BenchmarkResult) -> None:
    heard = replace(result, spec=replace(result.spec, weights="/a/model"))
    gate = row_of(heard, CLOSE, NEAR)
    assert gate.asked == "close: the same work, log-mel within 0.5 dB, 0.99 of tokens"
    assert gate.measured == (
        "short, round 1 of 2: log-mel 0.4 dB, in one place 1.5 dB, SNR 60.0 dB"
    )
    assert gate.outcome == "passed"
    assert row_of(result, CLOSE, replace(NEAR, equal=True)).measured == "equal bits"


def test_nobody_is_told_that_quality_passed_on_random_weights(result: BenchmarkResult) -> None:
    """Log-mel is blind there: on F5-TTS, 7 instead of 32 evaluations are 0.05 dB apart."""
    gate = row_of(result, CLOSE, NEAR)
    assert (gate.outcome, exit_code([gate])) == ("unverified", 0)
    assert gate.measured.endswith("within tolerance on random weights, quality unverified")
    report = reported(replace(result, outputs=(NEAR,)), [gate])
    (said,) = report.data["gates"]
    assert (said["passed"], said["outcome"]) == (None, "unverified")
    assert report.data["quality_unverified"] is True
    for text in (report_markdown(report), report_html(report)):
        assert "gate quality: unverified" in text
        assert "quality unverified: random weights show how fast, not how good" in text
        assert "passed" not in text


def test_a_row_of_each_says_how_far_outputs_are_apart_and_that_nobody_heard_it(
    result: BenchmarkResult,
) -> None:
    fewer = replace(NEAR, changed_work=("nfe 32 -> 7",))
    for outputs, told in (
        ((fewer,), "nfe 32 -> 7, log-mel 0.40 dB, SNR 60.0 dB, quality unverified"),
        ((replace(NEAR, equal=True),), "equal bits"),
    ):
        data = reported(replace(result, outputs=outputs)).data
        row = {"kind": "alone", "patches": ["tts/a"], "result": data, "error": None}
        assert each_row(row)[-1] == told


def test_equal_bits_need_no_ear(result: BenchmarkResult) -> None:
    for asked in PROMISES[1:]:
        assert row_of(result, asked, replace(NEAR, equal=True)).outcome == "passed"
    assert not result.quality_unverified


@pytest.mark.parametrize("distance", [0.0, 0.05])
def test_less_work_is_lossy_however_near_the_sound_is(
    result: BenchmarkResult, distance: float
) -> None:
    fewer = replace(NEAR, mel_db=distance, mel_db_worst=distance, changed_work=("nfe 32 -> 7",))
    gate = row_of(result, CLOSE, fewer)
    assert (gate.outcome, exit_code([gate])) == ("failed", 1)
    assert "nfe 32 -> 7: lossy, not close" in gate.measured


def test_work_that_varies_on_the_before_side_too_is_its_own(result: BenchmarkResult) -> None:
    varies = replace(NEAR, changed_work=("tokens 80 -> 81",))
    assert row_of(result, CLOSE, varies, own=(varies,)).outcome == "undecided"


@pytest.mark.parametrize("ratio", [0.96, 1.04])
def test_another_length_is_not_close_even_if_it_is_silence(
    result: BenchmarkResult, ratio: float
) -> None:
    """Silence at the end is no difference of sound, but RTF is per second of audio."""
    gate = row_of(result, CLOSE, replace(NEAR, mel_db=0, mel_db_worst=0, duration_ratio=ratio))
    assert (gate.outcome, f"duration x {ratio}" in gate.measured) == ("failed", True)


def test_lossy_is_not_judged(result: BenchmarkResult) -> None:
    assert list(judge_quality(replace(result, outputs=(FAR,)), Promise())) == []


@pytest.mark.parametrize("asked", PROMISES, ids=["lossy", "close", "exact"])
def test_a_new_fault_fails_whatever_was_promised(result: BenchmarkResult, asked: Promise) -> None:
    gate = row_of(result, asked, replace(NEAR, new_defects=("clips: 3% of samples at full scale",)))
    assert (gate.name, gate.asked, gate.passed) == ("quality", "no new defect", False)
    assert gate.measured == "short clips: 3% of samples at full scale"


@pytest.mark.parametrize("asked", PROMISES[:2], ids=["lossy", "close"])
def test_a_fault_of_both_sides_is_no_difference(result: BenchmarkResult, asked: Promise) -> None:
    both = replace(NEAR, defects_before=("clips",), defects_after=("clips",))
    assert False not in [
        row.passed for row in judge_quality(replace(result, outputs=(both,)), asked)
    ]


@pytest.mark.parametrize(("ratio", "outcome"), [(0.5, "failed"), (1.06, "failed"), (0.96, None)])
def test_a_patch_that_nobody_speaks_for_may_not_change_the_length(
    result: BenchmarkResult, ratio: float, outcome: str | None
) -> None:
    changed = replace(result, outputs=(replace(FAR, duration_ratio=ratio),))
    outcomes = [row.outcome for row in judge_quality(changed, Promise(unclaimed=True))]
    assert outcomes == ([outcome] if outcome else [])
    assert list(judge_quality(changed, Promise())) == []


TOLERANCES = st.builds(Tolerance, st.floats(0, 5), st.floats(0, 1))


@given(st.lists(TOLERANCES))
def test_tolerances_add_up(stated: list[Tolerance]) -> None:
    sum_ = together(stated)
    assert all(sum_.mel_db >= row.mel_db and sum_.tokens <= row.tokens + 1e-9 for row in stated)
    assert 0 <= sum_.tokens <= 1


def test_one_tolerance_stays_as_it_is() -> None:
    assert together([Tolerance()]).mel_db == 0.5
    assert together([Tolerance()]).tokens == pytest.approx(0.99)
    assert together([Tolerance(), Tolerance(1.0, 0.9)]).tokens == pytest.approx(0.89)
