"""Quality gates: what the patches under test promise, against what came out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from bench_fakes import FakeExecutor, measured
from hypothesis import given
from hypothesis import strategies as st

from ttsopt.bench.gates.quality import Promise, judge_quality, together
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
    repeats: tuple[bool | None, ...] = (True, True),
) -> GateResult:
    rows = {row.id: True for row in outputs}
    sides = {s: dict.fromkeys(rows, r) for s, r in zip(Side, repeats, strict=True)}
    (gate,) = judge_quality(replace(result, outputs=outputs, repeatable=sides), asked)
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


@pytest.mark.parametrize("repeats", [(False, True), (True, False), (None, None)])
@pytest.mark.parametrize("asked", PROMISES[1:])
def test_a_side_that_does_not_repeat_itself_leaves_a_broken_promise_undecided(
    result: BenchmarkResult, asked: Promise, repeats: tuple[bool | None, ...]
) -> None:
    gate = row_of(result, asked, FAR, repeats=repeats)
    assert gate.passed is None
    assert "not seen to repeat" in gate.measured


def test_within_the_tolerance_is_close_even_where_sides_do_not_repeat(
    result: BenchmarkResult,
) -> None:
    assert row_of(result, CLOSE, NEAR, repeats=(False, False)).passed is True


def test_one_utterance_outside_is_enough(result: BenchmarkResult) -> None:
    gate = row_of(result, CLOSE, NEAR, replace(FAR, id="long"))
    assert (gate.passed, gate.measured) == (False, "long: log-mel 0.6 dB, in one place 1.5 dB")


def test_the_gate_says_what_was_asked_and_how_near_it_came(result: BenchmarkResult) -> None:
    gate = row_of(result, CLOSE, NEAR)
    assert gate.asked == "close: log-mel within 0.5 dB, 0.99 of tokens"
    assert gate.measured == "short: log-mel 0.4 dB, in one place 1.5 dB"
    assert row_of(result, CLOSE, replace(NEAR, equal=True)).measured == "equal bits"


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
