"""Answers of two servers to the same requests, compared as outputs are, and judged by what patches promise."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Sequence
from pathlib import Path

import pytest
import synthetic_speech as sounds

from ttsopt.bench.gates.quality import Promise, judge_quality
from ttsopt.bench.outputs.samples import read_npy
from ttsopt.bench.serve.answers import Answer
from ttsopt.bench.serve.kept import Sounds
from ttsopt.bench.serve.outputs import MOST_COMPARED, compare_answers, lone_answers, pair_answers
from ttsopt.domain.effect import Tolerance
from ttsopt.domain.measurement import SpokenUtterance

VOICE = sounds.speech(0.6)


@pytest.fixture
def kept(tmp_path: Path) -> Sounds:
    return Sounds(tmp_path / "sounds")


def answer(kept: Sounds, wave: Sequence[float], text: str = "Hi.", id_: str = "en") -> Answer:
    samples = array("f", wave)
    digest = hashlib.sha256(samples.tobytes()).hexdigest()
    path = kept.keep(digest, samples)
    spoken = SpokenUtterance(id_, 1.0, 0.0, len(wave) / 8000, sounds.RATE, digest, path)
    return Answer(id_, text, 0.0, 0.0, 1.0, spoken=spoken)


def failed(text: str = "Hi.") -> Answer:
    return Answer("en", text, 0.0, 0.0, 1.0, failure="timeout")


def test_answers_are_paired_by_their_text_and_its_number(kept: Sounds) -> None:
    one, two, three = (answer(kept, [0.1 * n] * 9) for n in (1, 2, 3))
    other = answer(kept, [0.5] * 9, "Ho.")
    pairs = list(pair_answers([one, failed(), other, two], [other, three, one, one]))
    assert [(row.round, row.text.text) for row in pairs] == [(1, "Ho."), (2, "Hi."), (4, "Hi.")]
    assert [row.before for row in pairs] == [other.spoken, one.spoken, two.spoken]
    assert [row.round for row in lone_answers([failed(), one])] == [2]


def test_equal_answers_are_counted_and_those_that_differ_are_compared(kept: Sounds) -> None:
    same = [answer(kept, VOICE)] * 5
    louder = [answer(kept, [1.01 * value for value in VOICE])]
    found = compare_answers([*same, *same[:1]], [*same, *louder])
    assert (len(found.pairs), found.equal, found.compared) == (6, 5, 1)
    (row,) = found.outputs
    assert (row.equal, row.round) == (False, 6)
    assert row.snr_db == pytest.approx(40, abs=0.5)
    assert row.mel_db is not None
    assert 0 < row.mel_db < 0.2
    assert compare_answers(same, same).outputs[0].equal


def test_no_more_than_twenty_pairs_are_compared_spread_over_all(kept: Sounds) -> None:
    short = [[0.1 + n / 1000, -0.1] * 400 for n in range(50)]
    old, new = ([answer(kept, wave) for wave in rows] for rows in (short, short[1:] + short[:1]))
    found = compare_answers(old, new)
    assert (len(found.pairs), found.equal) == (50, 0)
    assert 10 < found.compared <= MOST_COMPARED


def test_noise_in_the_place_of_speech_is_a_new_defect_and_another_length_is_none(
    kept: Sounds,
) -> None:
    old = answer(kept, VOICE)
    (gate,) = judge_quality(
        compare_answers([old], [answer(kept, sounds.white_noise(0.6))]), Promise()
    )
    longer = compare_answers([old], [answer(kept, [*VOICE, *sounds.speech(0.9, 1)])])
    assert (gate.name, gate.passed) == ("quality", False)
    assert "noise in the place of speech" in gate.measured
    assert list(judge_quality(longer, Promise())) == []


@pytest.mark.parametrize(
    ("change", "again", "outcome"),
    [(0.0, 0.0, "passed"), (0.5, 0.0, "failed"), (0.5, 0.4, "undecided")],
    ids=["kept", "broken", "not steady itself"],
)
def test_a_promise_is_judged_by_whether_the_before_side_repeats_itself(
    kept: Sounds, change: float, again: float, outcome: str
) -> None:
    def spoken(part: float) -> Answer:
        other = sounds.speech(0.6, 2)
        return answer(kept, [a + part * b for a, b in zip(VOICE, other, strict=True)])

    found = compare_answers([spoken(0)], [spoken(change)], [spoken(again)])
    for promise in (Promise(exact=True), Promise(close=Tolerance())):
        (gate,) = judge_quality(found, promise)
        assert gate.outcome == outcome


def test_sounds_are_kept_once_and_no_more_than_there_is_room_for(tmp_path: Path) -> None:
    kept = Sounds(tmp_path / "s", room=40)
    wave = array("f", [0.5, -0.25, 1.0])
    path = kept.keep("a", wave)
    assert (read_npy(Path(path)), kept.keep("a", wave)) == (wave, path)
    assert kept.room == 28
    assert kept.keep("b", array("f", [0.0] * 8)) == ""
    rows = [answer(Sounds(tmp_path / "t", room=0), VOICE)]
    assert compare_answers(rows, rows).compared == 0
