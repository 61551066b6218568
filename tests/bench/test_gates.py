"""Gates against figures with noise."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from bench_fakes import FakeExecutor, request

from ttsopt.bench.controller import run_benchmark
from ttsopt.bench.gates import Gates, exit_code, judge
from ttsopt.bench.result import BenchmarkResult
from ttsopt.domain.measurement import Estimate, GateResult, Interval, OutputComparison, Side


@pytest.fixture
def result(tmp_path: Path) -> BenchmarkResult:
    """Speedup 2 (1.8 to 2.2); RTF after 0.5 (0.4 to 0.6); equal bits."""
    measured = run_benchmark(
        request(tmp_path), FakeExecutor({Side.BEFORE: (2.0, 2.0), Side.AFTER: (1.0, 1.0)})
    )
    after = Estimate(0.5, Interval(0.4, 0.6, 0.95), 5)
    return replace(
        measured,
        speedup=Estimate(2.0, Interval(1.8, 2.2, 0.95), 5),
        rtf={**measured.rtf, Side.AFTER: after},
    )


def passed(result: BenchmarkResult, asked: Gates) -> list[bool | None]:
    return [row.passed for row in judge(result, asked)]


@pytest.mark.parametrize(
    ("limit", "expected"), [(0.6, True), (1.0, True), (0.5, None), (0.4, None), (0.39, False)]
)
def test_max_rtf_is_decided_by_the_interval(
    result: BenchmarkResult, limit: float, expected: bool | None
) -> None:
    assert passed(result, Gates(max_rtf=limit)) == [expected]


@pytest.mark.parametrize(
    ("limit", "expected"), [(1.8, True), (1.0, True), (2.0, None), (2.2, None), (2.3, False)]
)
def test_min_speedup_is_decided_by_the_interval(
    result: BenchmarkResult, limit: float, expected: bool | None
) -> None:
    assert passed(result, Gates(min_speedup=limit)) == [expected]


def test_a_gate_says_what_was_asked_and_what_was_measured(result: BenchmarkResult) -> None:
    rtf, ratio = judge(result, Gates(max_rtf=0.3, min_speedup=1.5))
    assert (rtf.asked, rtf.measured) == ("at most 0.3", "0.5 (0.4 to 0.6)")
    assert (ratio.asked, ratio.measured) == ("at least 1.5x", "2 (1.8 to 2.2)x")


def test_no_speedup_is_credited_to_a_patch_that_never_ran(result: BenchmarkResult) -> None:
    idle = replace(result, never_run=("tts/fast",))
    (gate,) = judge(idle, Gates(min_speedup=1.0))
    assert gate.passed is None
    assert "tts/fast" in gate.measured


DIFFERENT = (OutputComparison("short", equal=False, duration_ratio=1.0, snr_db=60.0),)


@pytest.mark.parametrize(
    ("repeats", "expected"),
    [((True, True), False), ((False, True), None), ((True, False), None), ((None, None), None)],
)
def test_different_bits_fail_an_exact_patch_only_where_both_sides_repeat(
    result: BenchmarkResult, repeats: tuple[bool | None, ...], expected: bool | None
) -> None:
    sides = {side: {"short": row} for side, row in zip(Side, repeats, strict=True)}
    changed = replace(result, outputs=DIFFERENT, repeatable=sides)
    assert passed(changed, Gates(exact=True)) == [expected]


def test_one_steady_difference_is_enough_to_fail(result: BenchmarkResult) -> None:
    outputs = (*DIFFERENT, replace(DIFFERENT[0], id="long"))
    sides = {side: {"short": False, "long": True} for side in Side}
    changed = replace(result, outputs=outputs, repeatable=sides)
    assert passed(changed, Gates(exact=True)) == [False]


def test_equal_bits_pass(result: BenchmarkResult) -> None:
    assert passed(result, Gates(exact=True)) == [True]


def test_different_bits_are_no_gate_for_other_patches(result: BenchmarkResult) -> None:
    assert passed(replace(result, outputs=DIFFERENT), Gates()) == []


@pytest.mark.parametrize("exact", [True, False])
def test_broken_audio_always_fails(result: BenchmarkResult, exact: bool) -> None:
    broken = replace(result, bad_audio=("short is silent",))
    (gate,) = judge(broken, Gates(exact=exact))
    assert (gate.name, gate.passed, gate.measured) == ("quality", False, "short is silent")


@pytest.mark.parametrize(
    ("rows", "code"),
    [((), 0), ((True,), 0), ((True, None), 4), ((None, False), 1), ((False, True), 1)],
)
def test_a_failed_gate_outweighs_an_undecided_one(rows: tuple[bool | None, ...], code: int) -> None:
    assert exit_code(GateResult("g", "", "", row) for row in rows) == code
