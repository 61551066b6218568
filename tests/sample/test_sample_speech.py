"""What the sample synthesiser says sounds, as far as numbers tell, like speech."""

from __future__ import annotations

import cmath
import itertools
import math
from collections.abc import Sequence
from types import ModuleType

import pytest

TEXT = "See the sea, now."


@pytest.fixture(scope="module")
def spoken(sample: ModuleType) -> list[float]:
    samples: list[float] = sample.api.SampleTTS().speak(TEXT, seed=5)
    return samples


def held(sample: ModuleType, phone: str, *, pitch: float = 90.0) -> list[float]:
    """A phone held for 0.4 s, its last 2048 samples: the resonances have settled."""
    segment = sample.phones.PHONES[phone][0]
    row = (pitch, *segment[1:])
    frames = [[value] * 100 for value in row]
    samples: list[float] = sample.vocoder.Vocoder().synthesise(frames, seed=1)
    return samples[-2048:]


def power(samples: Sequence[float], hertz: float) -> float:
    """Power at one frequency, by a discrete Fourier sum under a Hann window."""
    length = len(samples)
    turn = -2j * math.pi * hertz / 16000
    weighted = (
        x * (0.5 - 0.5 * math.cos(2 * math.pi * n / length)) * cmath.exp(turn * n)
        for n, x in enumerate(samples)
    )
    return abs(sum(weighted)) ** 2


def share_above_3_khz(samples: Sequence[float]) -> float:
    low = sum(power(samples, hertz) for hertz in range(90, 3000, 180))
    high = sum(power(samples, hertz) for hertz in range(3060, 8000, 180))
    return high / (low + high)


def test_speech_is_finite_and_loud_enough_but_not_clipped(spoken: list[float]) -> None:
    assert all(map(math.isfinite, spoken))
    assert 0.1 < max(map(abs, spoken)) < 1.0


def test_speech_has_a_plausible_length(sample: ModuleType, spoken: list[float]) -> None:
    phones = 9  # S IY DH AX S IY, N AW, and the silences of a comma and a full stop
    pauses = sample.frontend.PAUSES[","] + sample.frontend.PAUSES["."]
    seconds = len(spoken) / sample.audio.SAMPLE_RATE - pauses
    assert phones * 0.05 < seconds < phones * 0.16


def test_a_full_stop_ends_in_silence(spoken: list[float]) -> None:
    assert not any(spoken[-round(0.25 * 16000) :])
    assert any(spoken[-round(0.30 * 16000) :])


def test_the_same_seed_gives_the_same_samples(sample: ModuleType, spoken: list[float]) -> None:
    assert sample.api.SampleTTS().speak(TEXT, seed=5) == spoken


def test_another_seed_gives_another_take_of_the_same_length(
    sample: ModuleType, spoken: list[float]
) -> None:
    other = sample.api.SampleTTS().speak(TEXT, seed=6)
    assert other != spoken
    assert len(other) == len(spoken)


@pytest.mark.parametrize("vowel", ["IY", "EH", "AE", "AA", "UW"])
def test_a_vowel_has_its_first_formant_where_the_table_says(sample: ModuleType, vowel: str) -> None:
    samples = held(sample, vowel)
    strongest = max(range(150, 1000, 10), key=lambda hertz: power(samples, hertz))
    table = sample.phones.PHONES[vowel][0].f1
    assert abs(strongest - table) < 90  # harmonics lie one pitch apart


def test_a_front_vowel_has_its_second_formant_higher_than_a_back_vowel(sample: ModuleType) -> None:
    def second(vowel: str) -> int:
        samples = held(sample, vowel)
        return max(range(800, 2600, 30), key=lambda hertz: power(samples, hertz))

    assert second("IY") > 1900
    assert second("AO") < 1200


def test_voiced_sound_repeats_at_its_pitch(sample: ModuleType) -> None:
    samples = held(sample, "AX", pitch=125.0)  # a period of 128 samples

    def likeness(lag: int) -> float:
        return sum(a * b for a, b in zip(samples, samples[lag:], strict=False))

    assert max(range(60, 200), key=likeness) == pytest.approx(128, abs=3)


@pytest.mark.parametrize("fricative", ["S", "SH", "F"])
def test_fricatives_are_strong_above_3_khz_and_vowels_are_not(
    sample: ModuleType, fricative: str
) -> None:
    assert share_above_3_khz(held(sample, fricative)) > 0.5
    assert share_above_3_khz(held(sample, "AA")) < 0.05


def test_formants_glide_from_one_phone_to_the_next(sample: ModuleType) -> None:
    speaker = sample.speaker.SpeakerEmbedding(110.0, 0.2, 1.0, 0.02)
    phones = [sample.frontend.Phone("AA"), sample.frontend.Phone("IY")]
    target = sample.acoustic.targets(phones, speaker, ".")
    track = sample.acoustic.refine(target, seed=0)[2]
    steepest = max(abs(b - a) for a, b in itertools.pairwise(track))
    jump = max(abs(b - a) for a, b in zip(target[2], target[2][1:], strict=False))
    assert jump > 1000
    assert steepest < jump / 3


def test_a_question_ends_higher_than_a_statement(sample: ModuleType) -> None:
    speaker = sample.speaker.SpeakerEmbedding(110.0, 0.2, 1.0, 0.02)
    phones = [sample.frontend.Phone(name) for name in ("N", "AW")]
    question, statement = (sample.acoustic.targets(phones, speaker, mark)[0] for mark in "?.")
    assert question[0] == statement[0]
    assert question[-1] > 1.1 * statement[-1]


def test_no_words_give_no_samples(sample: ModuleType) -> None:
    assert sample.api.SampleTTS().speak(" ... !") == []


def test_fewer_than_one_evaluation_is_refused(sample: ModuleType) -> None:
    with pytest.raises(ValueError, match="nfe_step is 0"):
        sample.api.SampleTTS().speak("No.", nfe_step=0)
