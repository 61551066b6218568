"""What must not pass: each row of the table "What cannot pass" in docs/benchmarking.md, by a fake executor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from bench_fakes import FakeExecutor, measured
from synthetic_speech import RATE, speech, stuck, white_noise

from ttsopt.bench.gates.judge import exit_code
from ttsopt.bench.gates.quality import Promise, judge_quality
from ttsopt.bench.result import BenchmarkResult
from ttsopt.domain.effect import Tolerance
from ttsopt.domain.measurement import Side

VOICE = speech(2.0)
TAIL = round(0.04 * len(VOICE))
WORK = {"nfe": 32.0, "vocoder_seconds": 0.5}
EXACT, CLOSE, NOTHING = Promise(exact=True), Promise(close=Tolerance()), Promise()
Spoken = tuple[Sequence[float], Mapping[str, float]]


def near(wave: Sequence[float]) -> list[float]:
    """Rounded otherwise."""
    return [row * (1 + 1e-5) for row in wave]


def bench(folder: Path, later: Spoken, first: Spoken = (VOICE, WORK)) -> BenchmarkResult:
    """Three rounds: the after side speaks `first` in round 1, `later` in the others."""

    def varied(side: Side, number: int) -> Spoken:
        if side is Side.BEFORE or number == 0:
            return VOICE, WORK
        return first if number == 1 else later

    executor = FakeExecutor(dict.fromkeys(Side, (1.0,) * 3), varied=varied, rate=RATE)
    return measured(folder, executor, rounds=3)


CHEATS = {
    "less work from round 2 on": ((speech(2.0, 1), {"nfe": 1.0}), EXACT, "nfe 32 -> 1"),
    "less work, the same sound": (
        (near(VOICE), {"nfe": 7.0}),
        CLOSE,
        "nfe 32 -> 7: lossy, not close",
    ),
    "a tail is lost": ((VOICE[:-TAIL], WORK), CLOSE, "duration x 0.96"),
    "a tail of silence": (([*VOICE, *[0.0] * TAIL], WORK), CLOSE, "duration x 1.04"),
    "a spoken tail is silent": (([*VOICE[:-TAIL], *[0.0] * TAIL], WORK), CLOSE, "log-mel"),
    "noise": ((white_noise(2.0), WORK), NOTHING, "is noise in the place of speech"),
    "a stuck voice": ((stuck(VOICE, 0.04), WORK), NOTHING, "is stuck: 1"),
}


@pytest.mark.parametrize(("later", "promised", "told"), CHEATS.values(), ids=CHEATS)
@pytest.mark.parametrize("from_round", [1, 2])
def test_a_cheat_fails_the_gate_on_quality(
    tmp_path: Path, later: Spoken, promised: Promise, told: str, from_round: int
) -> None:
    first = later if from_round == 1 else (VOICE, WORK)
    (gate,) = judge_quality(bench(tmp_path, later, first), promised)
    assert (gate.outcome, exit_code([gate])) == ("failed", 1)
    assert told in gate.measured


def test_another_rounding_by_the_same_work_does_not(tmp_path: Path) -> None:
    times = {**WORK, "vocoder_seconds": 0.1, "cache_hits": 3.0}
    (gate,) = judge_quality(bench(tmp_path, (near(VOICE), times)), CLOSE)
    assert (gate.outcome, exit_code([gate])) == ("unverified", 0)
