"""Comparisons of `ttsopt tune --resident` without any process: how many are decided, by the rounds that they get.

`simulated_tuning.py [RUNS]` prints a table in Markdown: three rounds in each pair of processes and no more, five,
and five more a turn until it is decided (docs/decisions/0047-a-comparison-goes-on-until-it-is-decided.md).
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from random import Random

from simulated_runs import SEED

from ttsopt.bench.stats.pairs import PAIRS, decide_lines, plan_of_pair
from ttsopt.bench.stats.sequential import InterimPlan, Line, goes_on, interim_plan
from ttsopt.domain.measurement import Verdict

FLOOR = 0.03
NOISES = (0.05, 0.18)  # of a round, as the standard deviation of its logarithm
EFFECTS = (1.0, 1.1, 1.3, 2.0, 3.8)
# Rounds of a turn in each pair, turns, and the plan of both pairs.
WAYS = {
    "three rounds a pair": (3, 1, interim_plan(6, 6)),
    "five": (5, 1, interim_plan(10, 36)),
    "five more a turn": (5, 4, interim_plan(10, 36)),
}


def main(arguments: Sequence[str]) -> int:
    """Print the table."""
    runs = int(arguments[0]) if arguments else 1000
    print("| true speedup | noise of a round |", " | ".join(WAYS), "|")
    print("|---" * (2 + len(WAYS)) + "|")
    for noise in NOISES:
        for effect in EFFECTS:
            shares = (f"{faster(way, effect, noise, runs):.1%}" for way in WAYS)
            print(f"| {effect:g}x | {noise:.0%} |", " | ".join(shares), "|")
    return 0


def faster(way: str, effect: float, noise: float, runs: int) -> float:
    """The share of comparisons that say faster."""
    found = [verdict(way, effect, noise, number) for number in range(runs)]
    return found.count(Verdict.FASTER) / runs


def verdict(way: str, effect: float, noise: float, number: int) -> Verdict:
    """The verdict of one comparison."""
    rounds, turns, plan = WAYS[way]
    random = Random(f"{SEED} {way} {effect} {noise} {number}")  # noqa: S311 - a simulation
    lines = [Line()] * PAIRS
    for _ in range(turns):
        lines = [further(line, rounds, plan_of_pair(plan), random, effect, noise) for line in lines]
    return decide_lines(lines, plan, FLOOR).verdict


def further(
    line: Line, rounds: int, plan: InterimPlan, random: Random, effect: float, noise: float
) -> Line:
    """A line with the rounds of one turn more, as long as it goes on."""
    due = min(len(line.ratios) + rounds, plan.rounds[-1])
    for end in (*(look for look in plan.rounds if look < due), due):
        if end > len(line.ratios) and goes_on(line, plan):
            more = (
                effect * math.exp(random.gauss(0, noise)) for _ in range(end - len(line.ratios))
            )
            line = Line((*line.ratios, *more), line.looks)
    return Line(line.ratios, (*line.looks, len(line.ratios)))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
