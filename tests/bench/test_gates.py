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
from ttsopt.domain.measurement import (
    Bounds,
    Estimate,
    Figure,
    GateResult,
    Interval,
    Metric,
    OutputComparison,
    Side,
)

NOTHING = Promise()
BOUNDS: Bounds = {
    Figure.SPEEDUP: Estimate(2.0, Interval(1.8, 2.2, 0.99), 5),
    Figure.CPU_SPEEDUP: Estimate(1.5, Interval(1.4, 1.6, 0.99), 5),
    Figure.LOAD: Estimate(1.1, Interval(1.0, 1.2, 0.99), 5),
    Figure.RTF: Estimate(0.5, Interval(0.4, 0.6, 0.99), 5),
    Figure.CPU_RTF: Estimate(0.8, Interval(0.7, 0.9, 0.99), 5),
    Figure.FIRST_AUDIO: Estimate(0.3, Interval(0.2, 0.4, 0.99), 5),
    Figure.P95: Estimate(3.0, Interval(2.0, 4.0, 0.99), 5),
}


@pytest.fixture
def result(tmp_path: Path) -> BenchmarkResult:
    """Speedup 2, within 1.8 to 2.2; RTF after 0.5, within 0.4 to 0.6; equal bits."""
    wall = {Side.BEFORE: (2.0, 2.0), Side.AFTER: (1.0, 1.0)}
    return replace(measured(tmp_path, FakeExecutor(wall)), bounds=BOUNDS)


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
    bounds = {**BOUNDS, Figure.SPEEDUP: Estimate(1.0, Interval(*ratio, 0.99), 5)}
    asked = Limits(max_slowdown=0.02)
    assert passed(replace(result, bounds=bounds), asked) == [expected]
    assert are_decided(asked, bounds) is (expected is not None)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (Limits(max_rtf=0.6, metric=Metric.CPU), False),
        (Limits(max_rtf=0.8, metric=Metric.CPU), None),
        (Limits(max_rtf=0.9, metric=Metric.CPU), True),
        (Limits(min_speedup=1.7, metric=Metric.CPU), False),
        (Limits(min_speedup=1.5, metric=Metric.CPU), None),
        (Limits(max_slowdown=0.02, metric=Metric.CPU), True),
        (Limits(max_load=1.2), True),
        (Limits(max_load=1.05), None),
        (Limits(max_load=0.9), False),
        (Limits(max_ttfa=0.4), True),
        (Limits(max_ttfa=0.3), None),
        (Limits(max_ttfa=0.1), False),
        (Limits(max_p95=4.0), True),
        (Limits(max_p95=3.0), None),
        (Limits(max_p95=1.0), False),
    ],
)
def test_each_limit_is_decided_by_the_bounds_of_its_own_figure(
    result: BenchmarkResult, asked: Limits, expected: bool | None
) -> None:
    assert passed(result, asked) == [expected]
    assert are_decided(asked, BOUNDS) is (expected is not None)
    assert asked.has_any


def test_a_gate_by_cpu_time_says_so(result: BenchmarkResult) -> None:
    asked = Limits(max_rtf=0.6, min_speedup=1.2, metric=Metric.CPU)
    rtf, ratio = judge(result, asked, NOTHING)
    assert rtf.measured.startswith("0.8 CPU seconds / audio seconds in this run on this machine,")
    assert ratio.measured == "1.5 of CPU time, with 99% within 1.4 to 1.6"


def test_what_no_clock_read_is_undecided_and_asks_for_no_more_rounds(
    result: BenchmarkResult,
) -> None:
    asked = Limits(max_rtf=9.0, metric=Metric.CPU)
    bounds: Bounds = {figure: row for figure, row in BOUNDS.items() if figure is not Figure.CPU_RTF}
    (gate,) = judge(replace(result, bounds=bounds), asked, NOTHING)
    assert (gate.passed, gate.measured) == (None, "not measured here")
    assert are_decided(asked, bounds)


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
    assert rtf.asked == "at most 0.3"
    assert rtf.measured == "0.5 in this run on this machine, with 99% within 0.4 to 0.6"
    assert (ratio.asked, ratio.measured) == ("at least 1.5x", "2, with 99% within 1.8 to 2.2")


def test_no_speedup_is_credited_to_a_patch_that_never_ran(result: BenchmarkResult) -> None:
    idle = replace(result, never_run=("tts/fast",))
    (gate,) = judge(idle, Limits(min_speedup=1.0), Promise())
    assert gate.passed is None
    assert "tts/fast" in gate.measured


DIFFERENT = (OutputComparison("short", equal=False, duration_ratio=1.0, snr_db=60.0),)


@pytest.mark.parametrize(("own_is_equal", "expected"), [(True, False), (False, None), (None, None)])
def test_different_bits_fail_an_exact_patch_only_where_the_before_side_repeats(
    result: BenchmarkResult, own_is_equal: bool | None, expected: bool | None
) -> None:
    own = () if own_is_equal is None else (replace(DIFFERENT[0], equal=own_is_equal),)
    changed = replace(result, outputs=DIFFERENT, own=own)
    assert passed(changed, Limits(), Promise(exact=True)) == [expected]


def test_one_steady_difference_is_enough_to_fail(result: BenchmarkResult) -> None:
    outputs = (*DIFFERENT, replace(DIFFERENT[0], id="long"))
    changed = replace(result, outputs=outputs, own=(outputs[0], replace(outputs[1], equal=True)))
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


UNDECIDED, FAILED, PASSED = None, False, True


@pytest.mark.parametrize(
    ("rows", "counts_as", "code"),
    [
        ((), UNDECIDED, 0),
        ((True,), UNDECIDED, 0),
        ((True, None), UNDECIDED, 4),
        ((None, False), UNDECIDED, 1),
        ((False, True), UNDECIDED, 1),
        ((True, None), PASSED, 0),
        ((None, False), PASSED, 1),
        ((True, None), FAILED, 1),
        ((True,), FAILED, 0),
    ],
)
def test_a_failed_gate_outweighs_an_undecided_one_which_counts_as_was_asked(
    rows: tuple[bool | None, ...], counts_as: bool | None, code: int
) -> None:
    assert exit_code((GateResult("g", "", "", row) for row in rows), counts_as) == code
