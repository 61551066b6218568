"""How often a gate is wrong at the noise recorded within a run, and how far runs of one machine lie apart."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from simulated_runs import SEED, Noise, Source, normal

from ttsopt.bench.gates.limits import SpeedGate, speed_gates
from ttsopt.bench.stats.autocorrelation import serial_mean
from ttsopt.bench.stats.sequential import bounds, interim_plan
from ttsopt.bench.stats.statistics import LogMean, log_mean
from ttsopt.domain.limits import Limits
from ttsopt.domain.measurement import Interval, Metric

PLAN = interim_plan(5, 40)
BLOCKS = 20
ALLOWED = 0.01
# How far the limit is from the truth; at 0, every decision is an error.
DISTANCES = (0.0, 0.1, 0.2, 0.5)
Mean = Callable[[Sequence[float]], LogMean]


@dataclass(frozen=True, slots=True)
class Recording:
    """Rounds by their runs: logarithms of the after side's RTF and of before / after, by one clock."""

    rtf: list[list[float]]
    ratio: list[list[float]]


def recording(rounds: Sequence[Sequence[float]], runs: Sequence[int], at: int) -> Recording:
    """Of the columns `at` (before) and the next one (after): seconds for one and the same text in every round."""
    rows = iter(rounds)
    by_run = [list(itertools.islice(rows, count)) for count in runs]
    return Recording(
        [[math.log(row[at + 1]) for row in run] for run in by_run],
        [[math.log(row[at] / row[at + 1]) for row in run] for run in by_run],
    )


def blocks(runs: Sequence[Sequence[float]], length: int) -> Source:
    """Blocks of rounds that followed each other in one run, less the mean of that run, which is the truth."""
    centred = [[value - statistics.fmean(run) for value in run] for run in runs]

    def source(random: Random) -> Noise:
        run = random.choice(centred)
        while True:
            start = random.randrange(len(run))
            yield from (run[(start + i) % len(run)] for i in range(length))

    return source


def autoregression(correlation: float, deviation: float) -> Source:
    """Normal noise in which each round is like the one before."""

    def source(random: Random) -> Noise:
        step, value = math.sqrt(1 - correlation**2), random.gauss(0, 1)
        while True:
            yield deviation * value
            value = correlation * value + step * random.gauss(0, 1)

    return source


def gate_head() -> list[str]:
    """The columns of the table of gates."""
    distances = (f"decided, limit {distance:.0%} off (rounds)" for distance in DISTANCES[1:])
    return ["gate", "noise", "passes wrongly", "fails wrongly", *distances]


def gate_rows(
    wall: Recording, cpu: Recording, runs: int, share: Callable[[int, int], str]
) -> Iterator[tuple[list[str], bool]]:
    """One row for each gate and noise, and whether the errors are as seldom as is promised."""
    for name, gate, mean, noise, source in _cases(wall, cpu):
        passed, failed, _ = judged(source, gate, mean, runs, 0.0)
        cells = [share(passed, runs), share(failed, runs)]
        for distance in DISTANCES[1:]:
            *decided, rounds = judged(source, gate, mean, runs // 4, math.log1p(distance))
            cells.append(f"{sum(decided) / (runs // 4):.0%} ({rounds:.0f})")
        slack = 3 * math.sqrt(ALLOWED / runs)
        kept = "alike" in noise or max(passed, failed) / runs <= ALLOWED + slack
        yield [name, noise, *cells], kept


Case = tuple[str, SpeedGate, Mean, str, Source]


def _cases(wall: Recording, cpu: Recording) -> Iterator[Case]:
    def gate(limits: Limits) -> SpeedGate:
        return next(speed_gates(limits))

    recorded = f"recorded, blocks of {BLOCKS}"
    rtf, rtf_cpu = gate(Limits(max_rtf=1.0)), gate(Limits(max_rtf=1.0, metric=Metric.CPU))
    yield "--max-rtf", rtf, serial_mean, recorded, blocks(wall.rtf, BLOCKS)
    yield "--max-rtf", rtf, serial_mean, "recorded, blocks of 10", blocks(wall.rtf, 10)
    for correlation in (0.0, 0.5, 0.7, 0.9):
        words = f"24%, rounds alike by {correlation:g}"
        yield "--max-rtf", rtf, serial_mean, words, autoregression(correlation, 0.24)
    words = f"{recorded}, if rounds were not alike"
    yield "--max-rtf", rtf, log_mean, words, blocks(wall.rtf, BLOCKS)
    yield "--max-rtf --metric cpu", rtf_cpu, serial_mean, recorded, blocks(cpu.rtf, BLOCKS)
    yield (
        "--max-rtf --metric cpu",
        rtf_cpu,
        serial_mean,
        "recorded, blocks of 10",
        blocks(cpu.rtf, 10),
    )
    for option, limits in (
        ("--max-ttfa", Limits(max_ttfa=1.0)),
        ("--max-p95", Limits(max_p95=1.0)),
    ):
        yield option, gate(limits), serial_mean, recorded, blocks(wall.rtf, BLOCKS)
    slowdown = gate(Limits(max_slowdown=1e-9))
    speedup_cpu = gate(Limits(min_speedup=1.0, metric=Metric.CPU))
    for option, ratio_gate in (
        ("--min-speedup", gate(Limits(min_speedup=1.0))),
        ("--max-slowdown", slowdown),
    ):
        yield option, ratio_gate, log_mean, recorded, blocks(wall.ratio, BLOCKS)
    yield "--min-speedup --metric cpu", speedup_cpu, log_mean, recorded, blocks(cpu.ratio, BLOCKS)
    load = gate(Limits(max_load=1.0))
    yield "--max-load", load, log_mean, f"{recorded}, of speaking", blocks(wall.ratio, BLOCKS)
    yield "--max-load", load, log_mean, "normal, 10%", normal(0.1)


def judged(
    source: Source, gate: SpeedGate, mean: Mean, runs: int, distance: float
) -> tuple[int, int, float]:
    """Count the runs that pass and fail, and their mean rounds; the truth is `distance` from the limit."""
    random, ends = Random(f"{SEED} {gate} {distance}"), []  # noqa: S311 - a simulation
    for _ in range(runs):
        noise = source(random)
        ends.append(_one_run([distance + row for row in itertools.islice(noise, 40)], gate, mean))
    outcomes = [outcome for outcome, _ in ends]
    return outcomes.count(True), outcomes.count(False), statistics.fmean(count for _, count in ends)


def _one_run(logs: Sequence[float], gate: SpeedGate, mean: Mean) -> tuple[bool | None, int]:
    values = [math.exp(log) for log in logs]
    for count in PLAN.rounds:
        outcome = gate.holds(bounds(mean(values[:count]), PLAN))
        if outcome is not None:
            return outcome, count
    return None, PLAN.rounds[-1]


def between_rows(named: dict[str, Recording]) -> Iterator[list[str]]:
    """How far the recorded runs of the same code lie apart, and how many pairs have no RTF in common."""
    for name, recorded in named.items():
        levels = [math.exp(statistics.fmean(run)) for run in recorded.rtf]
        pairs = len(levels) * (len(levels) - 1) // 2
        apart = (_disjoint(recorded.rtf, mean) for mean in (log_mean, serial_mean))
        yield [
            name,
            f"{max(levels) / min(levels):.2f}x",
            f"{statistics.stdev(math.log(level) for level in levels):.0%}",
            *(f"{count} of {pairs}" for count in apart),
        ]


def _disjoint(runs: Sequence[Sequence[float]], mean: Mean) -> int:
    found = [bounds(mean([math.exp(log) for log in run]), PLAN) for run in runs]
    return sum(_apart(a, b) for a, b in itertools.combinations(found, 2))


def _apart(a: Interval, b: Interval) -> bool:
    return a.high < b.low or b.high < a.low
