"""The figures that limits are set on."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from bench_fakes import spoken_round

from ttsopt.bench.stats.limited import bounds_over, load_ratios, log_means
from ttsopt.bench.stats.sequential import interim_plan
from ttsopt.domain.measurement import Figure, WorkerRound

PLAN = interim_plan(3, 3)


def rounds(*rtfs: float, **changes: Any) -> list[WorkerRound]:
    return [spoken_round(rtf, **changes) for rtf in rtfs]


BEFORE, AFTER = rounds(1.0, 1.1, 1.2), rounds(0.5, 0.55, 0.6)


def test_every_figure_is_its_own() -> None:
    figures = {figure: mean.value for figure, mean in log_means(BEFORE, AFTER).items()}
    rtf = (0.5 * 0.55 * 0.6) ** (1 / 3)
    assert figures == {
        Figure.SPEEDUP: pytest.approx(2),
        Figure.CPU_SPEEDUP: pytest.approx(2),
        Figure.LOAD: pytest.approx(1),
        Figure.RTF: pytest.approx(rtf),
        Figure.CPU_RTF: pytest.approx(2 * rtf),
        Figure.P95: pytest.approx(2 * rtf),  # of one utterance with 2 s of audio, the slowest
    }


def test_work_moved_into_loading_or_warm_up_is_seen() -> None:
    slower = rounds(0.5, 0.5, 0.5, load_seconds=2.0, warmup_seconds=(0.5, 0.5))
    assert load_ratios(BEFORE, slower) == [2.0, 2.0, 2.0]
    unknown = rounds(0.5, 0.5, 0.5, load_seconds=0.0, warmup_seconds=())
    assert Figure.LOAD not in log_means(BEFORE, unknown)


def test_time_to_first_audio_is_the_median_of_what_streamed() -> None:
    (first,) = AFTER[0].utterances
    streamed = tuple(replace(first, chunks=((at, 1.0),)) for at in (0.1, 0.2, 0.9))
    after = [replace(row, utterances=(*streamed, first)) for row in AFTER]
    assert log_means(BEFORE, after)[Figure.FIRST_AUDIO].value == pytest.approx(0.2)
    assert Figure.FIRST_AUDIO not in log_means(BEFORE, [*after[:2], AFTER[2]])


def test_no_cpu_clock_gives_no_figure_of_it() -> None:
    silent = tuple(replace(row, cpu_seconds=0.0) for row in AFTER[0].utterances)
    figures = log_means(BEFORE, [replace(AFTER[0], utterances=silent), *AFTER[1:]])
    assert {Figure.CPU_RTF, Figure.CPU_SPEEDUP}.isdisjoint(figures)


def test_one_sides_rounds_have_wider_bounds_than_the_ratio_of_pairs() -> None:
    found = bounds_over(BEFORE, AFTER, PLAN)
    speedup, rtf = found[Figure.SPEEDUP].interval, found[Figure.RTF].interval
    assert math.log(speedup.high / speedup.low) == pytest.approx(0, abs=1e-6)
    assert rtf.low < 0.4
    assert rtf.high > 0.8
    assert rtf.level == 0.99
