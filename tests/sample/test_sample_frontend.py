"""Text to phones, and who speaks."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("42", "forty two"),
        ("1,906", "one thousand nine hundred six"),
        ("300000", "three hundred thousand"),
        ("1234567", "one two three four five six seven"),
        ("Dr. Lee & 5%", "doctor lee and five percent"),
        ("It's 2.5", "its two point five"),
    ],
)
def test_numbers_and_abbreviations_become_words(sample: ModuleType, text: str, words: str) -> None:
    assert sample.frontend.normalise(text).split() == words.split()


@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("voice", "V OY1 S"),  # of the lexicon
        ("voices", "V OY1 S AX Z"),  # its regular forms
        ("talked", "T AO1 K T"),
        ("making", "M EY1 K IH NG"),
        ("ship", "SH IH1 P"),
        ("nation", "N AE1 SH AX N"),  # by rule
        ("shining", "SH AY1 N IH NG"),
        ("knight", "N AY1 T"),
        ("phase", "F EY1 Z"),
        ("boxes", "B AA1 K S AX Z"),
    ],
)
def test_words_are_said_by_lexicon_or_by_rule(sample: ModuleType, word: str, phones: str) -> None:
    assert sample.frontend.Frontend().pronounce(word) == phones.split()


def test_every_phone_of_lexicon_and_rules_has_a_sound(sample: ModuleType) -> None:
    frontend, lexicon = sample.frontend, sample.lexicon
    said = {name for names in frontend.build_lexicon(lexicon.LEXICON).values() for name in names}
    for word in ("quartz", "boil", "measure", "judge", "choir", "yolk", "zebra", "vision", "thaw"):
        said.update(frontend.Frontend().pronounce(word))
    assert {name.rstrip("1") for name in said} <= set(sample.phones.PHONES)


def test_a_text_is_split_where_a_speaker_pauses(sample: ModuleType) -> None:
    fragments = sample.frontend.Frontend().fragments("One, two; three? -- ...")
    assert [(row.text, row.mark) for row in fragments] == [
        ("one", ","),
        ("two", ";"),
        ("three", "?"),
    ]


def test_the_reference_voice_is_heard_as_it_was_made(sample: ModuleType) -> None:
    speaker = sample.speaker.embed(sample.api.REFERENCE_VOICE)
    assert speaker.pitch == pytest.approx(118, rel=0.03)  # tools/make_voice.py: 132 to 104 Hz
    assert speaker.tract == pytest.approx(1.0, abs=0.05)


def test_a_higher_voice_is_heard_as_higher(sample: ModuleType, tmp_path: Path) -> None:
    frames = [[value] * 80 for value in (210.0, 500.0, 1450.0, 2480.0, 1.0, 0.05, 0.0, 3e3, 1e3)]
    voice = tmp_path / "high.wav"
    sample.audio.write_wav(voice, sample.vocoder.Vocoder().synthesise(frames, seed=2))
    assert sample.speaker.embed(voice).pitch == pytest.approx(210, rel=0.03)


def test_a_silent_reference_is_refused(sample: ModuleType, tmp_path: Path) -> None:
    voice = tmp_path / "silent.wav"
    sample.audio.write_wav(voice, [0.0] * 4000)
    with pytest.raises(ValueError, match="no voice found"):
        sample.speaker.embed(voice)
