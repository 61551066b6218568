"""The log-mel distance: its parts against scipy, its values against what they mean."""

from __future__ import annotations

import math
import random
import time
from array import array
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import stft

from ttsopt.bench.outputs.mel import BANDS, frame_size, mel_distance, mel_filters, mel_frames

WAVES = st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=700).map(lambda v: array("f", v))
RATES = (8000, 16000, 22050, 24000, 44100, 48000)


def noise(count: int, seed: int = 0, loudness: float = 1.0) -> array[float]:
    draw = random.Random(seed)  # noqa: S311 - noise
    return array("f", [loudness * draw.uniform(-1, 1) for _ in range(count)])


def tone(hertz: float, rate: int, seconds: float = 0.2) -> array[float]:
    return array(
        "f", [math.sin(2 * math.pi * hertz * i / rate) for i in range(round(seconds * rate))]
    )


def mixed(a: array[float], b: array[float], share: float) -> array[float]:
    return array("f", [x + share * y for x, y in zip(a, b, strict=True)])


@pytest.mark.parametrize(("rate", "size"), [(8000, 512), (16000, 1024), (24000, 1024)])
def test_power_spectra_are_those_of_scipy(rate: int, size: int) -> None:
    wave = noise(3 * size)
    _, _, spectrum = stft(wave, rate, "hann", size, size // 2, boundary=None, padded=False)
    power = np.abs(spectrum.T * size / 2) ** 2  # stft divides by the sum of the window
    weights = np.zeros((BANDS, size // 2 + 1))
    for row, (first, part) in zip(weights, mel_filters(rate), strict=True):
        row[first : first + len(part)] = part
    ours = np.array(list(mel_frames(wave, rate)))
    assert frame_size(rate) == size
    assert ours.shape == (5, BANDS)
    np.testing.assert_allclose(ours, power @ weights.T, rtol=1e-6)


@pytest.mark.parametrize("rate", RATES)
def test_filters_are_slaneys(rate: int) -> None:
    """Triangles of area 1 over 80 bands; their centres linear up to 1 kHz, then in equal ratios; none is empty."""
    filters = mel_filters(rate)
    width = rate / frame_size(rate)
    assert all(0.4 < sum(weights) * width < 2 for _, weights in filters)
    assert all(sum(weights) * width == pytest.approx(1, abs=0.05) for _, weights in filters[40:])
    assert filters[0][0] == 1
    last, weights = filters[-1]
    assert last + len(weights) <= frame_size(rate) // 2 + 1


def test_the_scale_has_its_two_known_points() -> None:
    """Slaney: 1000 Hz is 15 mel, and 27 mel further up lie 6.4 times as many hertz."""
    loudest = [
        max(range(BANDS), key=next(mel_frames(tone(f, 24000), 24000)).__getitem__)
        for f in (1000, 6400)
    ]
    step = (15 + 27 * math.log(12) / math.log(6.4)) / (BANDS + 1)
    assert loudest == [round(15 / step) - 1, round(42 / step) - 1]


@pytest.mark.parametrize("rate", RATES)
def test_a_frame_is_40_to_80_ms(rate: int) -> None:
    assert 0.04 <= frame_size(rate) / rate < 0.08


@settings(max_examples=25, deadline=None)
@given(WAVES, WAVES)
def test_it_is_a_distance(a: array[float], b: array[float]) -> None:
    there, back, self_ = (
        mel_distance(a, b, 8000),
        mel_distance(b, a, 8000),
        mel_distance(a, a, 8000),
    )
    assert (self_.mean_db, self_.worst_db) == (0, 0)
    assert there.mean_db == pytest.approx(back.mean_db)
    assert 0 <= there.mean_db <= there.worst_db + 1e-9 <= 80 + 2e-9


@settings(max_examples=10, deadline=None)
@given(st.floats(0.1, 10), st.integers(1500, 4000))
def test_a_gain_moves_all_bands_by_its_decibels(gain: float, count: int) -> None:
    wave = noise(count)
    louder = array("f", [gain * row for row in wave])
    found = mel_distance(wave, louder, 16000)
    assert found.mean_db == pytest.approx(abs(20 * math.log10(gain)), abs=0.01)


def test_more_noise_is_further_away() -> None:
    wave, other = tone(300, 16000, 0.5), noise(8000, 1)
    rows = [
        mel_distance(wave, mixed(wave, other, 10 ** (-db / 20)), 16000).mean_db
        for db in (70, 50, 30, 10)
    ]
    assert all(less < more for less, more in pairwise(rows))


def test_what_is_80_db_below_the_loudest_band_is_not_heard() -> None:
    wave = tone(300, 16000, 0.5)
    found = mel_distance(wave, mixed(wave, noise(8000, 1), 1e-5), 16000)
    assert found.mean_db < 0.01


def test_damage_in_one_place_shows_in_the_worst_stretch() -> None:
    wave = noise(10 * 8000)
    broken = array("f", wave)
    broken[40_000:40_800] = array("f", [0.0] * 800)  # 0.1 s of 10 s
    found = mel_distance(wave, broken, 8000)
    assert found.mean_db < 0.5
    assert found.worst_db > 10


def test_silence_on_both_sides_is_no_distance() -> None:
    still = array("f", [0.0] * 1000)
    assert mel_distance(still, still, 24000).mean_db == 0


@pytest.mark.parametrize("cut", [1280, 2560])
def test_a_spoken_tail_that_one_wave_lacks_is_far_from_silence(cut: int) -> None:
    wave = noise(64_000)
    there, back = (mel_distance(*pair, 8000) for pair in ((wave, wave[:-cut]), (wave[:-cut], wave)))
    assert there == back
    assert there.worst_db > 6


def test_trailing_silence_is_near_to_nothing() -> None:
    wave = noise(64_000)
    longer = array("f", [*wave, *[0.0] * 2560])
    assert mel_distance(wave, longer, 8000).mean_db == pytest.approx(0, abs=1e-9)


def test_ten_seconds_at_24_khz_take_less_than_three_seconds() -> None:
    wave = noise(240_000)
    start = time.process_time()
    mel_distance(wave, mixed(wave, noise(240_000, 1), 0.01), 24000)
    assert time.process_time() - start < 3
