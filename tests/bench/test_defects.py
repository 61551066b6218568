"""What is wrong with waves and tokens by themselves."""

from __future__ import annotations

import math
import random
from array import array
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ttsopt.bench.outputs.defects import defects, new_defects, token_findings, wave_findings

RATE = 8000


def voice(seconds: float, loudness: float = 0.5) -> list[float]:
    draw = random.Random(0)  # noqa: S311 - noise
    return [loudness * draw.uniform(-1, 1) for _ in range(round(seconds * RATE))]


def still(seconds: float, level: float = 0.0) -> list[float]:
    return [level] * round(seconds * RATE)


def of_wave(samples: Sequence[float]) -> str:
    return "; ".join(defects(wave_findings(array("f", samples), RATE)))


def of_tokens(tokens: Sequence[int]) -> str:
    return "; ".join(defects(token_findings(array("i", tokens))))


SOUND = voice(2)


def test_a_voice_with_a_pause_has_no_defect() -> None:
    assert of_wave(voice(1.5) + still(0.6) + voice(1.5)) == ""


@pytest.mark.parametrize(
    ("samples", "sentence"),
    [
        (voice(2) + still(1.2) + voice(2), "is silent for 1.2 of 5.2 s"),
        (voice(0.2) + still(0.3), "is silent for 0.3 of 0.5 s"),
        ([*voice(1), *still(1.5), 0.9, *voice(1, 0.0001)], "is silent for 1.5 of 3.5 s"),
        ([0.2 * math.sin(i / 9) + 0.4 for i in range(RATE)], "is mostly a constant: 89% of its power is DC"),
        ([max(-1.0, min(1.0, 2.1 * row)) for row in SOUND], "clips: 5.06%"),
        (voice(0.05), "is only 0.05 s long"),
        ([*SOUND, math.nan], "holds values that are not finite"),
        ([*SOUND, -math.inf], "holds values that are not finite"),
        ([], "holds no sample"),
    ],
    ids=["stretch", "half", "quiet", "constant", "clipped", "short", "nan", "infinite", "empty"],
)  # fmt: skip
def test_a_fault_is_named(samples: list[float], sentence: str) -> None:
    assert of_wave(samples).startswith(sentence)


def test_a_constant_is_silent_and_dc() -> None:
    assert (
        of_wave(still(1, 0.3))
        == "is silent for 1 of 1 s; is mostly a constant: 100% of its power is DC"
    )


def test_one_sample_at_full_scale_is_a_normalised_peak() -> None:
    assert of_wave([*SOUND, 1.0]) == ""


@pytest.mark.parametrize(
    ("tokens", "sentence"),
    [
        ([7] * 40, "loops: 40 of 40 tokens repeat a pattern of 1"),
        ([*range(30), *[1, 2, 3] * 10], "loops: 30 of 60 tokens repeat a pattern of 3"),
        ([], "holds no token"),
    ],
)
def test_tokens_in_a_circle_are_named(tokens: list[int], sentence: str) -> None:
    assert of_tokens(tokens) == sentence


@pytest.mark.parametrize(
    "tokens",
    [
        list(range(100)),
        [*range(50), *[5] * 19, *range(50)],  # a pause
        [*range(200), *[5] * 30],  # a pause of a long text
        [*range(25), *range(25), *range(25)],  # a sentence said three times
        [1],
    ],
    ids=["none", "pause", "long", "thrice", "one"],
)
def test_tokens_that_go_on_are_no_defect(tokens: list[int]) -> None:
    assert of_tokens(tokens) == ""


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=20),
    st.integers(4, 8),
    st.lists(st.integers(10, 10**6), max_size=30, unique=True),
)
def test_any_pattern_that_fills_a_quarter_is_found(
    pattern: list[int], repeats: int, others: list[int]
) -> None:
    looped = [*others, *pattern * repeats]
    enough = len(pattern) * repeats >= max(20, len(looped) / 4)
    assert (of_tokens(looped) != "") is enough


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(width=32), max_size=100), st.sampled_from([8000, 24000]))
def test_any_wave_can_be_looked_at(samples: list[float], rate: int) -> None:
    found = wave_findings(array("f", samples), rate)
    assert new_defects(found, found) == ()
    assert set(new_defects((), found)) == set(defects(found))


def clipped(share: float) -> list[float]:
    return [*voice(1), *[1.0, -1.0] * round(share * RATE / 2)]


@pytest.mark.parametrize(
    ("before", "after", "is_new"),
    [
        (clipped(0), clipped(0.01), True),
        (clipped(0.0009), clipped(0.0015), False),
        (clipped(0.01), clipped(0.015), False),
        (clipped(0.01), clipped(0.05), True),
        (clipped(0.05), clipped(0), False),
        (clipped(0), voice(1) + still(2), True),
        (voice(1) + still(0.8) + voice(1), voice(1) + still(1.1) + voice(1), False),
    ],
    ids=["new", "both near the limit", "both", "far more", "gone", "silent", "longer pause"],
)
def test_a_fault_is_new_where_the_before_side_has_less_than_half_of_it(
    before: list[float], after: list[float], is_new: bool
) -> None:
    sides = [wave_findings(array("f", side), RATE) for side in (before, after)]
    assert bool(new_defects(*sides)) is is_new
