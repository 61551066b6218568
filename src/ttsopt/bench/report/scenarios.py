"""Warm-cache and concurrency scenarios, beside the first of every process.

They have ratios and intervals of their own; nothing of them is in the headline or its verdict.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from ttsopt.bench.report.figures import Data, counters_data, estimate_data, figures
from ttsopt.bench.result import BenchmarkResult
from ttsopt.bench.spec import HOT
from ttsopt.bench.stats.latency import Latency, latency
from ttsopt.bench.stats.sequential import InterimPlan, sequential_estimate
from ttsopt.bench.stats.statistics import ratios
from ttsopt.domain.measurement import Estimate, Scenario, Side, SpokenScenario

HITS = "cache_hits"  # as the worker counts them: in_target/kept.py


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """One scenario over all rounds of both sides. `speedup` is RTF before / RTF after, paired within a round."""

    concurrency: int
    rounds: Mapping[Side, tuple[SpokenScenario, ...]]
    speedup: Estimate

    def latency(self, side: Side) -> Latency:
        """Of one side."""
        return latency(self.rounds[side])

    def hit_rate(self, side: Side) -> float | None:
        """Of one side."""
        return hit_rate(self.rounds[side])


def hit_rate(rounds: Sequence[SpokenScenario]) -> float | None:
    """The share of calls that a cached value answered, at least in part; None where nobody counts."""
    rows = [row.counters for one in rounds for row in one.utterances]
    counted = [row[HITS] for row in rows if HITS in row]
    return sum(hits > 0 for hits in counted) / len(rows) if counted else None


def hot_scenario(result: BenchmarkResult) -> ScenarioResult | None:
    """The utterances said again, if that was asked."""
    return next((_collect(result, row) for row in result.scenarios if row.name == HOT), None)


def level_scenarios(result: BenchmarkResult) -> Iterator[ScenarioResult]:
    """The first scenario, and those that only differ in how many speak at once."""
    yield from (_collect(result, row) for row in result.scenarios if row.name != HOT)


def scenarios_data(result: BenchmarkResult) -> Data:
    """`hot_cache` (null where it was not asked for) and `levels`."""
    hot, plan = hot_scenario(result), result.plan
    return {
        "hot_cache": hot and _hot(hot, plan),
        "levels": [_level(row, plan) for row in level_scenarios(result)],
    }


def _hot(row: ScenarioResult, plan: InterimPlan) -> Data:
    sides = {
        side.value: {
            **figures(rounds, plan),
            "hit_rate": row.hit_rate(side),
            "counters_per_call": counters_data(rounds),
        }
        for side, rounds in row.rounds.items()
    }
    return {**sides, "speedup": estimate_data(row.speedup)}


def _level(row: ScenarioResult, plan: InterimPlan) -> Data:
    sides = {
        side.value: {**figures(rounds, plan), "latency": asdict(row.latency(side))}
        for side, rounds in row.rounds.items()
    }
    return {"concurrency": row.concurrency, **sides, "speedup": estimate_data(row.speedup)}


def _collect(result: BenchmarkResult, scenario: Scenario) -> ScenarioResult:
    first = scenario is result.scenarios[0]
    rounds = {
        side: tuple(row if first else row.further[scenario.name] for row in result.rounds(side))
        for side in Side
    }
    values = ratios(rounds[Side.BEFORE], rounds[Side.AFTER])
    return ScenarioResult(scenario.concurrency, rounds, sequential_estimate(values, result.plan))
