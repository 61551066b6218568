"""Texts and voices of each round: others, and as much to say."""

from __future__ import annotations

import pytest

from ttsopt.bench.run.variation import FILL_ROUND, TURN, of_round, vary
from ttsopt.domain.measurement import Utterance
from ttsopt.domain.text_set import TextSet
from ttsopt.operations.bench.texts import TEXTS, own_texts, text_set

ALL = [text for texts in TEXTS.values() for text in texts.values()]


@pytest.mark.parametrize("text", ALL)
def test_no_round_has_the_text_of_another_and_all_are_as_long(text: str) -> None:
    texts = [vary(text, number) for number in range(FILL_ROUND + 1)]
    assert texts[0] == text
    assert len(set(texts)) == len(texts)
    assert {(len(row), len(row.encode()), len(row.split())) for row in texts} == {
        (len(text), len(text.encode()), len(text.split()))
    }


def test_each_round_has_voices_of_its_own() -> None:
    (row, *_) = text_set(TextSet.SHORT, ("en",))
    voices = [of_round(row, number).voice for number in range(40)]
    assert len(set(voices)) == 40
    assert {voice % TURN for voice in voices} == {row.voice}


def test_the_text_of_a_user_stays_as_it_is() -> None:
    (row,) = own_texts(["The birch canoe."])
    assert of_round(row, 7).text == row.text
    assert of_round(Utterance("a", "birch", varies=True), 7).text != "birch"
