"""What came out of the two sides, compared."""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from bench_fakes import npy

from ttsopt.bench.outputs.compare import compare, compare_rounds, repeatable, save_audio
from ttsopt.domain.measurement import Side, SpokenUtterance, WorkerRound


def spoken(
    folder: Path, values: Sequence[float], rate: int = 24000, kind: str = "f", name: str = "a"
) -> SpokenUtterance:
    file = folder / f"{name}.npy"
    file.write_bytes(npy(values, kind))
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    seconds = len(values) / rate if rate else 1.0
    return SpokenUtterance("short", 1.0, 1.0, seconds, rate, digest, str(file))


def a_round(*rows: SpokenUtterance) -> WorkerRound:
    return WorkerRound(utterances=rows)


def test_equal_bits_are_equal(tmp_path: Path) -> None:
    a, b = (spoken(tmp_path, [0.5, -0.5], name=name) for name in "ab")
    found = compare(a, b)
    assert (found.equal, found.snr_db, found.max_difference) == (True, math.inf, 0)
    assert (found.duration_ratio, found.token_agreement) == (1, None)


def test_a_close_wave_has_its_snr_and_largest_difference(tmp_path: Path) -> None:
    a, b = spoken(tmp_path, [1.0, -1.0]), spoken(tmp_path, [1.0, -0.875], name="b")
    found = compare(a, b)
    assert not found.equal
    assert found.snr_db == pytest.approx(10 * math.log10(2 / 0.125**2))
    assert found.max_difference == 0.125


def test_the_sign_of_zero_is_a_difference_of_bits(tmp_path: Path) -> None:
    found = compare(spoken(tmp_path, [0.0, 1.0]), spoken(tmp_path, [-0.0, 1.0], name="b"))
    assert (found.equal, found.max_difference) == (False, 0)


def test_waves_of_different_length_have_no_snr(tmp_path: Path) -> None:
    found = compare(spoken(tmp_path, [1.0] * 4), spoken(tmp_path, [1.0] * 3, name="b"))
    assert (found.equal, found.snr_db, found.max_difference) == (False, None, None)
    assert found.duration_ratio == 0.75


def test_the_same_samples_at_another_rate_are_not_equal(tmp_path: Path) -> None:
    found = compare(spoken(tmp_path, [1.0] * 4), spoken(tmp_path, [1.0] * 4, 48000, name="b"))
    assert (found.equal, found.snr_db, found.duration_ratio) == (False, None, 0.5)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_values_that_are_not_finite_have_no_distance(tmp_path: Path, bad: float) -> None:
    found = compare(spoken(tmp_path, [1.0, 1.0]), spoken(tmp_path, [1.0, bad], name="b"))
    assert (found.equal, found.snr_db, found.max_difference) == (False, None, None)


def test_a_silent_before_side_leaves_no_signal(tmp_path: Path) -> None:
    found = compare(spoken(tmp_path, [0.0]), spoken(tmp_path, [0.5], name="b"))
    assert found.snr_db == -math.inf


@pytest.mark.parametrize(
    ("before", "after", "agreement"),
    [([1, 2, 3, 4], [1, 2, 9, 4], 0.75), ([1, 2, 3, 4], [1, 2], 0.5), ([], [], 1.0)],
)
def test_tokens_agree_position_by_position(
    tmp_path: Path, before: list[int], after: list[int], agreement: float
) -> None:
    a, b = spoken(tmp_path, before, 0, "i"), spoken(tmp_path, after, 0, "i", "b")
    found = compare(a, b)
    assert (found.token_agreement, found.snr_db) == (agreement, None)
    assert found.equal is (before == after)


def test_ten_seconds_of_noise_agree_with_the_textbook(tmp_path: Path) -> None:
    draw = random.Random(0)  # noqa: S311 - noise
    clean = [draw.uniform(-1, 1) for _ in range(240_000)]
    noisy = [row + 0.01 * draw.uniform(-1, 1) for row in clean]
    found = compare(spoken(tmp_path, clean), spoken(tmp_path, noisy, name="b"))
    assert found.snr_db == pytest.approx(40, abs=0.1)


def test_rounds_are_compared_by_utterance(tmp_path: Path) -> None:
    a, b = spoken(tmp_path, [1.0]), spoken(tmp_path, [0.5], name="b")
    (found,) = compare_rounds(a_round(a), a_round(b))
    assert (found.id, found.equal) == ("short", False)


def test_repeatable_is_what_round_two_says_again(tmp_path: Path) -> None:
    a, b = spoken(tmp_path, [1.0]), spoken(tmp_path, [0.5], name="b")
    first, second = a_round(a), a_round(b)
    assert repeatable([first]) == {"short": None}
    assert repeatable([first, second]) == {"short": None}
    assert repeatable([first, replace(second, further={"repeat": first})]) == {"short": True}
    assert repeatable([first, replace(second, further={"repeat": second})]) == {"short": False}


def test_audio_is_saved_per_side_and_tokens_are_not(tmp_path: Path) -> None:
    sound = a_round(spoken(tmp_path, [0.5, 0.25]))
    tokens = a_round(spoken(tmp_path, [1, 2], 0, "i", "b"))
    (written,) = save_audio(sound, Side.AFTER, tmp_path / "new" / "wavs")
    assert (written.name, written.read_bytes()[:4]) == ("short.after.wav", b"RIFF")
    assert save_audio(tokens, Side.AFTER, tmp_path / "new" / "wavs") == ()


def tone(seconds: float, loudness: float = 0.5, rate: int = 24000) -> list[float]:
    return [loudness * math.sin(0.05 * i) for i in range(round(seconds * rate))]


def test_equal_waves_have_no_mel_distance_and_no_new_defect(tmp_path: Path) -> None:
    a, b = (spoken(tmp_path, [0.5, -0.5] * 2, name=name) for name in "ab")
    found = compare(a, b)
    assert (found.mel_db, found.mel_db_worst, found.new_defects) == (0, 0, ())
    assert found.defects_before == found.defects_after == ("is only 0.000167 s long",)


def test_half_as_loud_is_6_db_away(tmp_path: Path) -> None:
    draw = random.Random(0)  # noqa: S311 - noise
    wave = [draw.uniform(-1, 1) for _ in range(9600)]
    found = compare(spoken(tmp_path, wave), spoken(tmp_path, [v / 2 for v in wave], name="b"))
    assert found.mel_db == pytest.approx(6.02, abs=0.01)
    assert found.mel_db_worst == pytest.approx(6.02, abs=0.01)


def test_waves_within_5_percent_of_length_are_compared_over_what_both_have(tmp_path: Path) -> None:
    before = spoken(tmp_path, tone(1))
    near, far = (spoken(tmp_path, tone(t), name=n) for t, n in ((0.96, "near"), (0.94, "far")))
    assert compare(before, near).mel_db == pytest.approx(0, abs=0.5)
    assert compare(before, far).mel_db is None
    assert compare(before, near).snr_db is None


def test_another_rate_tokens_and_values_not_finite_have_no_mel_distance(tmp_path: Path) -> None:
    wave, other = spoken(tmp_path, tone(1)), spoken(tmp_path, tone(1), 12000, name="b")
    bad = spoken(tmp_path, [*tone(1)[1:], math.nan], name="c")
    tokens = spoken(tmp_path, [1, 2], 0, "i", "d")
    pairs = [(wave, other), (wave, bad), (tokens, tokens), (wave, tokens)]
    assert [compare(*pair).mel_db for pair in pairs] == [None] * 4


def test_a_fault_of_one_side_is_told_apart(tmp_path: Path) -> None:
    loud = [max(-1.0, min(1.0, row)) for row in tone(1, 1.5)]
    a, b = spoken(tmp_path, tone(1)), spoken(tmp_path, loud, name="b")
    found, back = compare(a, b), compare(b, a)
    assert found.defects_before == ()
    assert [row.partition(":")[0] for row in found.defects_after] == ["clips"]
    assert found.new_defects == found.defects_after == back.defects_before
    assert back.new_defects == ()


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        (1.0, 0.5, "is 0.5 s long instead of 1"),
        (1.0, 2.0, "is 2 s long instead of 1"),
        (1.0, 1.9, ""),
    ],
)
def test_words_that_are_missing_or_go_on_are_a_new_defect(
    tmp_path: Path, before: float, after: float, sentence: str
) -> None:
    found = compare(spoken(tmp_path, tone(before)), spoken(tmp_path, tone(after), name="b"))
    assert "".join(found.new_defects) == sentence


def test_tokens_that_loop_on_one_side_are_a_new_defect(tmp_path: Path) -> None:
    a = spoken(tmp_path, range(60), 0, "i")
    b = spoken(tmp_path, [*range(20), *[4, 5] * 20], 0, "i", "b")
    assert compare(a, b).new_defects == ("loops: 40 of 60 tokens repeat a pattern of 2",)
    assert compare(a, spoken(tmp_path, [], 0, "i", "c")).new_defects == (
        "holds no token",
        "is 0 tokens long instead of 60",
    )
