"""Noise in the place of speech, and a voice that is stuck."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence

import pytest
from synthetic_speech import RATE, brown_noise, speech, stuck, white_noise

from ttsopt.bench.outputs.defects import Finding, defects, new_defects
from ttsopt.bench.outputs.mel import mel_frames
from ttsopt.bench.outputs.voice import voice_findings

SPEECH = speech()


def findings(wave: Sequence[float]) -> tuple[Finding, ...]:
    samples = array("f", wave)
    return voice_findings(samples, RATE, list(mel_frames(samples, RATE)))


@pytest.mark.parametrize("loudness", [1.0, 0.01])
@pytest.mark.parametrize("seed", range(3))
def test_speech_has_neither(seed: int, loudness: float) -> None:
    assert defects(findings([loudness * row for row in speech(seed=seed)])) == ()


@pytest.mark.parametrize("noise", [white_noise(), brown_noise()], ids=["white", "brown"])
def test_noise_in_the_place_of_speech_is_new(noise: list[float]) -> None:
    found = new_defects(findings(SPEECH), findings(noise))
    assert found == ("is noise in the place of speech: 0% of it has a pitch",)


def test_noise_with_the_loudness_of_speech_over_time_is_found_too() -> None:
    shaped = [row * abs(loud) for row, loud in zip(white_noise(), SPEECH, strict=True)]
    assert len(new_defects(findings(SPEECH), findings(shaped))) == 1


def test_a_whisper_on_both_sides_is_no_difference() -> None:
    assert new_defects(findings(white_noise()), findings(white_noise())) == ()


@pytest.mark.parametrize("sound", [0.01, 0.04, 0.16])
def test_a_voice_that_is_stuck_is_new(sound: float) -> None:
    (text,) = new_defects(findings(SPEECH), findings(stuck(SPEECH, sound)))
    assert text.startswith("is stuck: 1.")
    assert " of 3 s repeat a sound of " in text


def test_a_tone_is_a_voice_that_is_stuck() -> None:
    tone = [0.5 * math.sin(0.3 * i) for i in range(3 * RATE)]
    (text,) = defects(findings(tone))
    assert text.startswith("is stuck")


def test_of_a_wave_too_short_to_tell_nothing_is_said_of_noise() -> None:
    assert defects(findings(white_noise(0.3))) == ()


def test_silence_is_neither() -> None:
    assert defects(findings([0.0] * RATE)) == ()


@pytest.mark.parametrize("rate", [1, 10, 100, 192_000])
def test_no_rate_is_too_strange(rate: int) -> None:
    samples = array("f", white_noise(0.1))
    assert len(voice_findings(samples, rate, list(mel_frames(samples, rate)))) == 2
