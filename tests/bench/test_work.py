"""Counters of work: what has to be the same for two outputs to be close."""

from __future__ import annotations

import pytest

from ttsopt.bench.outputs.work import changed_work, is_work


@pytest.mark.parametrize(
    "counter",
    [
        "nfe",
        "tokens",
        "vq02_tokens",
        "beams",
        "gpt_steps",
        "decoder_steps",
        "mel_frames",
        "vits_samples",
        "chunks",
    ],
)
def test_what_an_output_is_made_of_is_work(counter: str) -> None:
    assert is_work(counter)


@pytest.mark.parametrize(
    "counter",
    [
        "vocoder_seconds",
        "cache_hits",
        "cache_misses",
        "embeddings",
        "weight_norms",
        "epss",
        "chunks_seconds",
    ],
)
def test_time_caches_and_what_is_prepared_once_are_not(counter: str) -> None:
    assert not is_work(counter)
    assert changed_work({counter: 1}, {counter: 2}) == ()


def test_a_counter_that_differs_is_named_with_both_amounts() -> None:
    before = {"nfe": 32, "gpt_steps": 80.0, "gpt_seconds": 1.5}
    assert changed_work(before, {**before, "gpt_seconds": 0.5}) == ()
    assert changed_work(before, {**before, "nfe": 7, "gpt_steps": 81}) == (
        "nfe 32 -> 7",
        "gpt steps 80 -> 81",
    )


def test_what_one_side_does_not_count_is_a_difference() -> None:
    assert changed_work({"nfe": 32}, {}) == ("nfe 32 -> not counted",)
    assert changed_work({}, {"tokens": 5}) == ("tokens not counted -> 5",)
