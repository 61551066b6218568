"""Limits within the noise of the first rounds."""

from __future__ import annotations

import math
from pathlib import Path
from random import Random

import pytest
from bench_fakes import FakeExecutor, bench_setup, bench_spec, spoken_round

from ttsopt.bench.gates.forecast import forecast, rounds_needed
from ttsopt.bench.run.controller import run_benchmark
from ttsopt.bench.run.runner import Progress
from ttsopt.bench.stats.sequential import bounds, interim_plan
from ttsopt.bench.stats.statistics import log_mean
from ttsopt.domain.limits import Limits
from ttsopt.domain.measurement import Side

PLAN = interim_plan(5, 40)
BEFORE = [spoken_round(rtf) for rtf in (1.0, 1.04, 0.97, 1.02, 0.99)]
AFTER = [spoken_round(rtf) for rtf in (1.01, 0.97, 1.0, 0.96, 1.04)]


def test_a_limit_within_the_noise_is_said_with_the_rounds_it_takes() -> None:
    (sentence,) = forecast(Limits(max_slowdown=0.02), BEFORE, AFTER, PLAN, 40)
    assert sentence.startswith("max-slowdown, at most 0.02 slower: 1.0")
    assert "within the noise of 5 rounds" in sentence
    assert sentence.endswith("rounds, more than the 40 of this run")
    (wider,) = forecast(Limits(max_slowdown=0.1), BEFORE, AFTER, PLAN, 40)
    assert wider.endswith("to decide it takes about 12 rounds")


def test_a_limit_at_the_figure_itself_cannot_be_decided() -> None:
    figure = log_mean([row.rtf for row in AFTER]).value
    (sentence,) = forecast(Limits(max_rtf=figure), BEFORE, AFTER, PLAN, 40)
    assert "more than 1000 rounds, more than the 40 of this run" in sentence


def test_a_slowdown_is_foreseen_as_if_sides_were_equal_where_it_seems_at_its_limit() -> None:
    slower = [spoken_round(1.03 * row.rtf) for row in AFTER]
    ratio = log_mean([b.rtf / a.rtf for b, a in zip(BEFORE, slower, strict=True)]).value
    (sentence,) = forecast(Limits(max_slowdown=1 / ratio - 1), BEFORE, slower, PLAN, 1000)
    assert "to decide it takes about" in sentence


def test_what_is_decided_or_not_asked_needs_no_word() -> None:
    assert forecast(Limits(max_rtf=50.0, min_speedup=0.1), BEFORE, AFTER, PLAN, 40) == ()
    assert forecast(Limits(max_memory=1.0, max_ttfa=1.0), BEFORE, AFTER, PLAN, 40) == ()
    assert forecast(Limits(max_slowdown=0.02), BEFORE[:1], AFTER[:1], PLAN, 40) == ()


@pytest.mark.parametrize("distance", [0.02, 0.05, 0.1])
def test_so_many_rounds_do_decide_it(distance: float) -> None:
    random = Random(4)  # noqa: S311 - a simulation
    mean = log_mean([math.exp(random.gauss(0, 0.05)) for _ in range(12)])
    needed = rounds_needed(mean, distance, PLAN)
    assert needed
    plan = interim_plan(5, max(40, needed))
    decided = 0
    for _ in range(100):
        ratios = [math.exp(random.gauss(distance, 0.05)) for _ in range(needed)]
        decided += bounds(log_mean(ratios), plan).low > 1
    assert 25 <= decided <= 95  # about half: the mean comes out on either side of the truth


@pytest.mark.parametrize(("least", "most", "said_in"), [(3, 6, 4), (8, 8, 6)])
def test_it_is_said_once_when_the_first_rounds_are_in(
    tmp_path: Path, least: int, most: int, said_in: int
) -> None:
    wall = {Side.BEFORE: (4.0, 4.4) * 5, Side.AFTER: (4.2,) * 10}
    said: list[Progress] = []
    spec = bench_spec(least=least, most=most, limits=Limits(max_slowdown=0.001))
    setup = bench_setup(tmp_path)
    run_benchmark(spec, setup, FakeExecutor(wall), said.append, lambda _: False)
    told = [(step.round, step.notices) for step in said if step.notices]
    assert [round_ for round_, _ in told] == [said_in]
    assert "max-slowdown" in told[0][1][0]
