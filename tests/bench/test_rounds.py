"""The outputs of every round: what differs in one of them differs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bench_fakes import SHORT, FakeExecutor, measured, npy

from ttsopt.bench.gates.judge import exit_code
from ttsopt.bench.gates.quality import Promise, judge_quality
from ttsopt.bench.outputs.compare import compare
from ttsopt.bench.outputs.rounds import compare_rounds, own_differences, repeatable
from ttsopt.bench.result import BenchmarkResult
from ttsopt.bench.spec import HOT, REPEAT
from ttsopt.domain.effect import Tolerance
from ttsopt.domain.measurement import OutputComparison, Scenario, Side, SpokenUtterance, WorkerRound

RATE = 24000
VOICE = [0.5 * math.sin(0.05 * i) for i in range(RATE)]
NEAR = [row + 1e-5 for row in VOICE]
OTHER = [0.5 * math.sin(0.3 * i) for i in range(RATE)]
REPEATED = 2
WALLS = dict.fromkeys(Side, (1.0,) * 5)
PROMISES = [Promise(exact=True), Promise(close=Tolerance())]
Spoken = tuple[Sequence[float], Mapping[str, float]]


def spoken(folder: Path, values: Sequence[float], nfe: float = 32, **changes: Any) -> WorkerRound:
    """A round of one utterance, in a file of its own."""
    file = folder / f"{len(list(folder.iterdir()))}.npy"
    file.write_bytes(npy(values))
    seconds = len(values) / RATE
    row = SpokenUtterance("short", 1.0, 1.0, seconds, RATE, "no hash", str(file), {"nfe": nfe})
    return WorkerRound(utterances=(row,), **changes)


def bench(
    folder: Path, of_after: Mapping[int, Spoken], of_before: Mapping[int, Spoken] = {}
) -> BenchmarkResult:
    """Five rounds: the voice by 32 evaluations, but for the rounds that are named."""

    def varied(side: Side, number: int) -> Spoken:
        rows = of_after if side is Side.AFTER else of_before
        return rows.get(number, (VOICE, {"nfe": 32}))

    return measured(folder, FakeExecutor(WALLS, varied=varied), rounds=5)


def test_code_that_saves_its_work_from_round_2_on_is_found(tmp_path: Path) -> None:
    """The cheat: the full work in the round that used to be compared, one evaluation in all others."""
    result = bench(tmp_path, dict.fromkeys(range(2, 6), (OTHER, {"nfe": 1})))
    (row,) = result.outputs
    assert (row.equal, row.round, row.changed_work) == (False, 2, ("nfe 32 -> 1",))
    for promised in PROMISES:
        (gate,) = judge_quality(result, promised)
        assert gate.passed is False
        assert "short, round 2 of 5" in gate.measured


@pytest.mark.parametrize("number", [2, 4, 5])
def test_one_round_of_five_is_enough_and_is_named(tmp_path: Path, number: int) -> None:
    result = bench(tmp_path, {number: (OTHER, {"nfe": 32})})
    assert [row.round for row in result.outputs] == [number]
    assert exit_code(judge_quality(result, PROMISES[0])) == 1
    # Round 2 alone says again what round 1 said: later rounds have texts of their own.
    assert result.repeatable[Side.AFTER] == {"short": number != REPEATED}


@pytest.mark.parametrize("promised", PROMISES, ids=["exact", "close"])
def test_a_before_side_that_varies_as_much_by_itself_leaves_it_undecided(
    tmp_path: Path, promised: Promise
) -> None:
    varied = {number: (OTHER, {"nfe": 32}) for number in (2, 3)}
    result = bench(tmp_path, of_after={}, of_before=varied)
    (gate,) = judge_quality(result, promised)
    assert gate.passed is None
    assert "not seen to repeat itself" in gate.measured


def test_a_before_side_that_varies_within_the_tolerance_excuses_nothing_beyond(
    tmp_path: Path,
) -> None:
    result = bench(tmp_path, {3: (OTHER, {"nfe": 32})}, {2: (NEAR, {"nfe": 32})})
    gates = [gate.passed for promised in PROMISES for gate in judge_quality(result, promised)]
    assert gates == [None, False]


def test_each_figure_is_the_worst_of_all_rounds(tmp_path: Path) -> None:
    before = [spoken(tmp_path, VOICE) for _ in range(3)]
    after = [spoken(tmp_path, values) for values in (VOICE, OTHER, NEAR)]
    (row,), (far,) = compare_rounds(before, after), compare_rounds(before[:1], after[1:2])
    assert replace(row, round=0) == replace(far, round=0)
    assert row.round == 2


def test_a_hash_is_taken_of_the_file_and_equal_ones_are_compared_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[SpokenUtterance, SpokenUtterance]] = []

    def counting(
        before: SpokenUtterance, after: SpokenUtterance, *, lengths: bool
    ) -> OutputComparison:
        compared.append((before, after))
        return compare(before, after, lengths=lengths)

    monkeypatch.setattr("ttsopt.bench.outputs.rounds.compare", counting)
    before, after = ([spoken(tmp_path, VOICE) for _ in range(4)] for _ in range(2))
    assert compare_rounds(before, after)[0].equal
    assert len(compared) == 1
    after[3] = spoken(tmp_path, NEAR)
    assert not compare_rounds(before, after)[0].equal
    assert len(compared) == 3


def test_repeatable_is_known_from_two_rounds_on_by_bits_and_work(tmp_path: Path) -> None:
    same, again, other = (spoken(tmp_path, row) for row in (VOICE, VOICE, NEAR))
    assert repeatable([same]) == {"short": None}
    assert repeatable([same, again]) == {"short": True}
    assert repeatable([same, again, other]) == {"short": False}
    assert repeatable([same, spoken(tmp_path, VOICE, nfe=16)]) == {"short": False}


def test_where_rounds_have_texts_of_their_own_what_round_1_said_is_said_again(
    tmp_path: Path,
) -> None:
    first, other, far = (spoken(tmp_path, row) for row in (VOICE, NEAR, OTHER))
    steady = [first, replace(other, further={REPEAT: spoken(tmp_path, VOICE)}), far]
    assert repeatable(steady) == {"short": True}
    assert [row.equal for row in own_differences(steady)] == [True]
    unsteady = [first, replace(other, further={REPEAT: far}), other]
    assert repeatable(unsteady) == {"short": False}
    assert [row.round for row in own_differences(unsteady)] == [2]


def test_one_round_has_no_difference_of_its_own(tmp_path: Path) -> None:
    first, same, other = (spoken(tmp_path, row) for row in (VOICE, VOICE, OTHER))
    assert own_differences([first]) == ()
    assert [row.equal for row in own_differences([first, same])] == [True]
    assert [row.equal for row in own_differences([first, same, other])] == [False]


def test_what_calls_count_while_others_run_beside_them_is_not_compared(tmp_path: Path) -> None:
    before, after = ([spoken(tmp_path, VOICE, nfe, whole=(1.0, 1.0))] for nfe in (32, 16))
    assert compare_rounds(before, after)[0].changed_work == ()


def test_a_cached_value_that_is_wrong_in_a_later_round_is_found(tmp_path: Path) -> None:
    def varied(side: Side, number: int) -> Spoken:
        return (OTHER if (side, number) == (Side.AFTER, 2) else VOICE), {}

    again = (Scenario(HOT, (SHORT,)),)
    result = measured(tmp_path, FakeExecutor(WALLS, varied=varied), further=again)
    assert [(row.id, row.round) for row in result.outputs] == [("short", 2), ("hot/short", 2)]
