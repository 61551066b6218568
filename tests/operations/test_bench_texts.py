"""What a benchmark has spoken: every time in a voice of its own, and in scenarios that are told apart."""

from __future__ import annotations

import pytest

from ttsopt.bench.spec import BenchSpec
from ttsopt.domain.measurement import Scenario
from ttsopt.domain.text_set import TextSet
from ttsopt.operations.bench.texts import WARM_UP_VOICE, scenarios, text_set, warm_up


def spoken(*concurrency: int, hot: bool = False) -> tuple[Scenario, ...]:
    return scenarios(BenchSpec(concurrency=concurrency or (1,), hot=hot), ())


def test_each_text_has_a_voice_of_its_own() -> None:
    (fresh,) = spoken()
    assert [(row.id, row.voice) for row in fresh.utterances] == [("en", 0), ("zh", 1)]


def test_hot_says_the_same_again_one_by_one_right_after() -> None:
    fresh, hot, _ = spoken(2, 4, hot=True)
    assert (hot.name, hot.utterances, hot.concurrency) == ("hot", fresh.utterances, 1)


def test_no_voice_comes_twice_in_all_levels_nor_is_it_that_of_the_warm_up() -> None:
    levels = spoken(1, 2, 8)
    assert [(row.concurrency, len(row.utterances)) for row in levels] == [(1, 2), (2, 4), (8, 16)]
    rows = [row for one in levels for row in one.utterances]
    voices = [row.voice for row in rows]
    assert len(set(voices)) == len(voices) == len({row.id for row in rows})
    assert WARM_UP_VOICE not in voices


def test_one_by_one_may_be_another_level() -> None:
    four, one = spoken(4, 1)
    assert (four.concurrency, one.concurrency) == (4, 1)
    assert [row.id for row in one.utterances] == ["en-x1-1", "zh-x1-1"]


@pytest.mark.parametrize(
    ("languages", "ids"), [((), ["en", "zh"]), (("zh",), ["zh"]), (("en", "zh"), ["en", "zh"])]
)
def test_what_warms_up_is_in_every_language_that_is_spoken(
    languages: tuple[str, ...], ids: list[str]
) -> None:
    rows = warm_up(languages)
    assert [row.id for row in rows] == [f"warmup-{name}" for name in ids]
    assert not {row.text for row in rows} & {row.text for row in text_set(TextSet.SHORT, ())}
    assert {row.voice for row in rows} == {WARM_UP_VOICE}
