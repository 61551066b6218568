"""Resident runs without any process: what each pair of processes is biased by, and what the verdict says then."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from random import Random

from simulated_runs import SEED

from ttsopt.bench.stats.pairs import PAIRS, decide_in_pairs, plan_of_pair
from ttsopt.bench.stats.sequential import decide, interim_plan
from ttsopt.domain.measurement import Verdict

PLAN = interim_plan(6, 40)
FLOOR = 0.03
BIASES = (0.0, 0.01, 0.02, 0.03, 0.05)
NOISES = (0.005, 0.02, 0.05)
EFFECTS = (1.05, 1.1, 1.2, 1.5)


def pair_head() -> list[str]:
    """The columns of `pair_rows`."""
    found = [f"{effect:g}x found" for effect in EFFECTS]
    return ["bias of a pair", "noise of a round", "wrong, two pairs", "wrong, one pair", *found]


def pair_rows(runs: int, share: Callable[[int, int], str]) -> Iterator[Sequence[str]]:
    """Equal sides called faster or slower, by both pairs and had there been one; then true effects found."""
    for bias in BIASES:
        for noise in NOISES:
            equal = [verdicts(bias, noise, 1.0, number) for number in range(runs)]
            wrong = [sum(row[at] in OTHER for row in equal) for at in (0, 1)]
            found = [
                sum(
                    verdicts(bias, noise, effect, number)[0] is Verdict.FASTER
                    for number in range(runs // 4)
                )
                for effect in EFFECTS
            ]
            shares = [f"{count / (runs // 4):.0%}" for count in found]
            yield f"{bias:.0%}", f"{noise:.1%}", *(share(count, runs) for count in wrong), *shares


OTHER = (Verdict.FASTER, Verdict.SLOWER)


def verdicts(bias: float, noise: float, ratio: float, number: int) -> tuple[Verdict, Verdict]:
    """The verdict of a run, and that of its first pair alone."""
    random = Random(f"{SEED} {bias} {noise} {ratio} {number}")  # noqa: S311 - a simulation
    pairs = [one_pair(random, bias, noise, ratio) for _ in range(PAIRS)]
    ratios = [row for pair in pairs for row in pair]
    both = decide_in_pairs(ratios, [len(pair) for pair in pairs], PLAN, FLOOR)
    return both.verdict, decide(pairs[0], plan_of_pair(PLAN)).verdict


def one_pair(random: Random, bias: float, noise: float, ratio: float) -> list[float]:
    """The ratios of one pair's rounds, until it is decided."""
    plan = plan_of_pair(PLAN)
    ratios: list[float] = []
    level = math.log(ratio) + random.gauss(0, bias)
    for due in plan.rounds:
        ratios += [math.exp(level + random.gauss(0, noise)) for _ in range(due - len(ratios))]
        if decide(ratios, plan).settled:
            break
    return ratios
