"""What a recogniser hears, against the text, and the gate on it; the recogniser is a fake."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from bench_fakes import FakeExecutor, measured, npy
from hypothesis import given
from hypothesis import strategies as st

from ttsopt.bench.gates.judge import judge
from ttsopt.bench.gates.quality import Promise
from ttsopt.bench.outputs.recogniser import Recording
from ttsopt.bench.outputs.transcripts import (
    ErrorRates,
    SpokenPair,
    Transcript,
    character_error_rate,
    error_rates,
    pairs_of_rounds,
    plain,
    transcribe,
)
from ttsopt.bench.report.heard import heard_data, heard_lines
from ttsopt.domain.limits import Limits
from ttsopt.domain.measurement import Side, SpokenUtterance, Utterance, WorkerRound

TEXTS = (Utterance("zh", "今天天气很好。"), Utterance("en", "Good morning!"))


@dataclass
class FakeRecogniser:
    """Hears what was said of each file."""

    folder: Path
    texts: dict[str, str] = field(default_factory=dict)
    asked: list[Recording] = field(default_factory=list)

    def hear(self, sounds: Sequence[Recording]) -> Sequence[str]:
        self.asked += sounds
        return [self.texts[row.file.name] for row in sounds]

    def speaks(self, id_: str, heard: str, sound: float, rate: int = 24000) -> SpokenUtterance:
        """A file with one sample, in which a text is heard."""
        file = self.folder / f"{len(self.texts)}.npy"
        file.write_bytes(npy([sound]))
        self.texts[file.name] = heard
        return SpokenUtterance(id_, 1.0, 1.0, 1.0, rate, "", str(file))


@pytest.fixture
def fake(tmp_path: Path) -> FakeRecogniser:
    return FakeRecogniser(tmp_path)


def a_round(*rows: SpokenUtterance) -> WorkerRound:
    return WorkerRound(utterances=rows)


def test_all_rounds_of_both_sides_are_heard_and_paired_by_utterance(fake: FakeRecogniser) -> None:
    before = a_round(
        fake.speaks("zh", "今天 天气 很 好", 0.1), fake.speaks("en", "good morning", 0.2)
    )
    after = a_round(fake.speaks("en", "good", 0.3), fake.speaks("zh", "明天天气很好", 0.4))
    second = a_round(fake.speaks("zh", "昨天", 0.5))

    def texts(number: int) -> tuple[Utterance, ...]:
        return TEXTS if number == 1 else (Utterance("zh", "昨天"), TEXTS[1])

    pairs = pairs_of_rounds((before, second), (after, second), texts)
    zh, en, again = transcribe(pairs, fake)
    assert zh == Transcript(
        "zh", 1, "今天天气很好。", "今天 天气 很 好", "明天天气很好", 0.0, 1 / 6
    )
    assert [en.cer_before, en.cer_after] == [0.0, 7 / 11]
    assert again == Transcript("zh", 2, "昨天", "昨天", "昨天", 0.0, 0.0, equal=True)
    assert [row.language for row in fake.asked] == ["zh", "zh", None, None, "zh"]  # equal: once


def test_tokens_texts_without_letters_and_lone_sides_are_not_heard(fake: FakeRecogniser) -> None:
    zh, dots = fake.speaks("zh", "", 0.1), fake.speaks("dots", "", 0.2)
    texts = (*TEXTS, Utterance("dots", "..."))
    alone = pairs_of_rounds(
        [a_round(zh, dots)], [a_round(fake.speaks("en", "", 0.3), dots)], lambda _: texts
    )
    token = a_round(replace(zh, sample_rate=0))
    tokens = pairs_of_rounds([token], [token], lambda _: texts)
    assert transcribe([*alone, *tokens], fake) == ()
    assert fake.asked == []
    assert error_rates(()) is None


def test_one_side_alone_is_heard_and_has_no_increase(fake: FakeRecogniser) -> None:
    rows = transcribe([SpokenPair(3, TEXTS[1], None, fake.speaks("en", "good", 0.1))], fake)
    assert rows == (Transcript("en", 3, TEXTS[1].text, None, "good", None, 7 / 11),)
    assert error_rates(rows) == ErrorRates(1, None, 7 / 11)
    assert list(heard_lines(heard_data(rows), "request")) == [
        "character error rate over 1 text: 63.6%",
        "heard en, request 3: 63.6%; after: good",
    ]


@pytest.mark.parametrize(
    ("text", "heard", "errors"),
    [
        ("今天天气很好，", "今天天气很好", 0),
        ("ＡＢＣ　１", "abc1", 0),
        ("Straße", "STRASSE", 0),
        ("It's", "its", 0),
        ("abcd", "abd", 1 / 4),
        ("abcd", "abxcd", 1 / 4),
        ("abcd", "", 1),
        ("ab", "xyzxyz", 3),
    ],
)
def test_error_rates(text: str, heard: str, errors: float) -> None:
    assert character_error_rate(text, heard) == errors


def test_a_text_without_letters_has_no_error_rate() -> None:
    with pytest.raises(ValueError, match="without letters"):
        character_error_rate("...", "a")


LETTERS = st.text("ab今 ,", max_size=12)


@given(LETTERS, LETTERS, LETTERS)
def test_errors_are_a_distance(a: str, b: str, c: str) -> None:
    def errors(x: str, y: str) -> int:
        """In characters; one is put before both, so that there is a text."""
        return round(character_error_rate("x" + x, "x" + y) * len("x" + plain(x)))

    assert (errors(a, b) == 0) is (plain(a) == plain(b))
    assert errors(a, b) == errors(b, a)
    assert errors(a, c) <= errors(a, b) + errors(b, c)
    longer, shorter = sorted((len(plain(a)), len(plain(b))), reverse=True)
    assert longer - shorter <= errors(a, b) <= longer


@given(st.text())
def test_plain_text_stays_plain(text: str) -> None:
    assert plain(plain(text)) == plain(text)


# ---- over all texts, and the gate ----


def heard(number: int, errors_before: int, errors_after: int, **changes: object) -> Transcript:
    """A text of 20 letters, of its own."""
    text = chr(ord("a") + number) * 20
    rates = errors_before / 20, errors_after / 20
    row = Transcript("en", number, text, "", "", *rates)
    return replace(row, **changes)  # type: ignore[arg-type]


def test_the_increase_is_paired_by_text_with_its_interval() -> None:
    rates = error_rates([heard(i, before, before + 1) for i, before in enumerate((0, 5, 1, 9))])
    assert rates is not None
    assert rates.texts == 4
    assert rates.before == pytest.approx(15 / 80)
    assert rates.after == pytest.approx(19 / 80)
    assert rates.increase is not None
    assert rates.increase.value == pytest.approx(0.05)
    # One misheard character of the 80 is the least noise: t of 3 degrees of freedom is 3.18 at 95 %.
    half = 3.1824 / 80
    assert rates.increase.interval.low == pytest.approx(0.05 - half, rel=1e-3)
    assert rates.increase.interval.high == pytest.approx(0.05 + half, rel=1e-3)


def test_a_text_that_is_said_again_counts_once() -> None:
    rows = [heard(0, 0, 2), heard(1, 0, 4)]
    once, thrice = error_rates(rows), error_rates([*rows, *rows, *rows])
    assert once is not None
    assert thrice is not None
    assert once.increase is not None
    assert thrice.increase is not None
    assert (thrice.texts, thrice.increase.rounds) == (2, 2)
    assert thrice.increase.interval.high == pytest.approx(once.increase.interval.high)


def test_equal_sounds_have_no_noise_and_one_text_tells_nothing() -> None:
    equal = error_rates([heard(i, 2, 2, equal=True) for i in range(2)])
    lone = error_rates([heard(0, 0, 1)])
    assert equal is not None
    assert lone is not None
    assert equal.bounds is not None
    assert (equal.bounds.interval.low, equal.bounds.interval.high) == (0.0, 0.0)
    assert lone.bounds is not None
    assert (lone.bounds.interval.low, lone.bounds.interval.high) == (-math.inf, math.inf)


LOST_WORD = [heard(i, i % 2, 5 + i % 3) for i in range(10)]  # of twenty letters four to six
NOISE = [heard(i, i % 3, (i + 1) % 3) for i in range(10)]


@pytest.mark.parametrize(
    ("rows", "limit", "outcome"),
    [
        (LOST_WORD, 5, "failed"),
        (LOST_WORD, 27, "undecided"),
        (LOST_WORD, 40, "passed"),
        (NOISE, 1, "undecided"),
        (NOISE, 15, "passed"),
        (NOISE[:1], 50, "undecided"),
        ((), 50, "undecided"),
        ([heard(i, 2, 2, equal=True) for i in range(2)], 0.1, "passed"),
        ([heard(i, 2, 2) for i in range(2)], 0.1, "undecided"),
    ],
)
def test_the_gate_is_decided_by_the_interval(
    tmp_path: Path, rows: Sequence[Transcript], limit: float, outcome: str
) -> None:
    wall = {Side.BEFORE: (2.0, 2.0), Side.AFTER: (1.0, 1.0)}
    result = measured(tmp_path, FakeExecutor(wall)).heard(tuple(rows))
    (gate,) = judge(result, Limits(max_cer_increase=limit), Promise())
    assert (gate.name, gate.outcome) == ("max-cer-increase", outcome)
    assert gate.asked == f"character error rate at most {limit:g} points higher"


def test_the_words_of_the_gate_and_of_the_report(tmp_path: Path) -> None:
    wall = {Side.BEFORE: (2.0, 2.0), Side.AFTER: (1.0, 1.0)}
    result = measured(tmp_path, FakeExecutor(wall)).heard(tuple(LOST_WORD))
    (gate,) = judge(result, Limits(max_cer_increase=5), Promise())
    assert gate.measured.startswith("27 points of character error rate, with 99% within 2")
    data = heard_data(LOST_WORD)
    assert list(data["character_error_rate"]) == ["texts", "before", "after", "increase"]
    lines = list(heard_lines(data))
    assert lines[0].startswith(
        "character error rate over 10 texts: 2.5% -> 29.5%, +27.0 points (95%: 2"
    )
    assert lines[1].startswith("heard en, round 2: 0.0% -> 35.0%; after: ")
    assert lines[-1] == "heard 4 more, with less that is wrong: in the JSON"
