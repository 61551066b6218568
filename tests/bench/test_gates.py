"""Gates against figures with noise."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from bench_fakes import FakeExecutor, measured

from ttsopt.bench.gates.judge import exit_code, judge
from ttsopt.bench.gates.limits import are_decided
from ttsopt.bench.gates.quality import Promise
from ttsopt.bench.result import BenchmarkResult
from ttsopt.domain.limits import Limits
from ttsopt.domain.measurement import Bounds, Estimate, GateResult, Interval, OutputComparison, Side

NOTHING = Promise()
BOUNDS = Bounds(
    Interval(1.8, 2.2, 0.99),
    {Side.BEFORE: Interval(0.8, 1.2, 0.99), Side.AFTER: Interval(0.4, 0.6, 0.99)},
)


@pytest.fixture
def result(tmp_path: Path) -> BenchmarkResult:
    """Speedup 2, within 1.8 to 2.2; RTF after 0.5, within 0.4 to 0.6; equal bits."""
    wall = {Side.BEFORE: (2.0, 2.0), Side.AFTER: (1.0, 1.0)}
    found = measured(tmp_path, FakeExecutor(wall))
    return replace(
        found,
        speedup=Estimate(2.0, Interval(1.9, 2.1, 0.95), 5),
        rtf={**found.rtf, Side.AFTER: Estimate(0.5, Interval(0.45, 0.55, 0.95), 5)},
        bounds=BOUNDS,
    )


def passed(
    result: BenchmarkResult, asked: Limits, promised: Promise = NOTHING
) -> list[bool | None]:
    return [row.passed for row in judge(result, asked, promised)]


@pytest.mark.parametrize(
    ("limit", "expected"), [(0.6, True), (1.0, True), (0.5, None), (0.4, None), (0.39, False)]
)
def test_max_rtf_is_decided_by_the_interval(
    result: BenchmarkResult, limit: float, expected: bool | None
) -> None:
    assert passed(result, Limits(max_rtf=limit)) == [expected]


@pytest.mark.parametrize(
    ("limit", "expected"), [(1.8, True), (1.0, True), (2.0, None), (2.2, None), (2.3, False)]
)
def test_min_speedup_is_decided_by_the_interval(
    result: BenchmarkResult, limit: float, expected: bool | None
) -> None:
    assert passed(result, Limits(min_speedup=limit)) == [expected]


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [((0.99, 1.01), True), ((0.97, 0.99), None), ((0.95, 0.97), False), ((2.0, 3.0), True)],
)
def test_a_slowdown_is_judged_by_the_bounds_of_the_speedup(
    result: BenchmarkResult, ratio: tuple[float, float], expected: bool | None
) -> None:
    bounds = replace(BOUNDS, speedup=Interval(*ratio, 0.99))
    asked = Limits(max_slowdown=0.02)
    assert passed(replace(result, bounds=bounds), asked) == [expected]
    assert are_decided(asked, bounds) is (expected is not None)


@pytest.mark.parametrize(
    ("rss", "gpu", "expected"), [(50, 0, True), (150, 0, False), (150, 50, True), (0, 0, None)]
)
def test_memory_is_that_of_the_gpu_where_one_is_used(
    result: BenchmarkResult, rss: int, gpu: int, expected: bool | None
) -> None:
    rounds = (replace(row, peak_rss_bytes=rss, peak_gpu_bytes=gpu) for row in result.after)
    assert passed(replace(result, after=tuple(rounds)), Limits(max_memory=100)) == [expected]


def test_nothing_asked_is_decided() -> None:
    assert are_decided(Limits(), BOUNDS)
    assert not Limits().has_any
    assert Limits(max_slowdown=0.0).has_any


def test_a_gate_says_what_was_asked_and_what_was_measured(result: BenchmarkResult) -> None:
    rtf, ratio = judge(result, Limits(max_rtf=0.3, min_speedup=1.5), Promise())
    assert (rtf.asked, rtf.measured) == ("at most 0.3", "0.5, with 99% within 0.4 to 0.6")
    assert (ratio.asked, ratio.measured) == ("at least 1.5x", "2, with 99% within 1.8 to 2.2")


def test_no_speedup_is_credited_to_a_patch_that_never_ran(result: BenchmarkResult) -> None:
    idle = replace(result, never_run=("tts/fast",))
    (gate,) = judge(idle, Limits(min_speedup=1.0), Promise())
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
    assert passed(changed, Limits(), Promise(exact=True)) == [expected]


def test_one_steady_difference_is_enough_to_fail(result: BenchmarkResult) -> None:
    outputs = (*DIFFERENT, replace(DIFFERENT[0], id="long"))
    sides = {side: {"short": False, "long": True} for side in Side}
    changed = replace(result, outputs=outputs, repeatable=sides)
    assert passed(changed, Limits(), Promise(exact=True)) == [False]


def test_equal_bits_pass(result: BenchmarkResult) -> None:
    assert passed(result, Limits(), Promise(exact=True)) == [True]


def test_different_bits_are_no_gate_for_other_patches(result: BenchmarkResult) -> None:
    assert passed(replace(result, outputs=DIFFERENT), Limits()) == []


@pytest.mark.parametrize("exact", [True, False])
def test_broken_audio_always_fails(result: BenchmarkResult, exact: bool) -> None:
    broken = replace(result, bad_audio=("short is silent",))
    (gate,) = judge(broken, Limits(), Promise(exact=exact))
    assert (gate.name, gate.passed, gate.measured) == ("quality", False, "short is silent")


@pytest.mark.parametrize(
    ("rows", "code"),
    [((), 0), ((True,), 0), ((True, None), 4), ((None, False), 1), ((False, True), 1)],
)
def test_a_failed_gate_outweighs_an_undecided_one(rows: tuple[bool | None, ...], code: int) -> None:
    assert exit_code(GateResult("g", "", "", row) for row in rows) == code
