"""What a recogniser hears, against the text; the recogniser is a fake."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from bench_fakes import npy
from hypothesis import given
from hypothesis import strategies as st

from ttsopt.bench.outputs.transcripts import (
    FunasrRecogniser,
    Transcript,
    character_error_rate,
    plain,
    transcribe,
)
from ttsopt.domain.measurement import Side, SpokenUtterance, Utterance, WorkerRound
from ttsopt.errors import CannotRunError

TEXTS = (Utterance("zh", "今天天气很好。"), Utterance("en", "Good morning!"))


@dataclass
class FakeRecogniser:
    """Hears what each file's name says."""

    texts: dict[str, str]
    asked: list[str] = field(default_factory=list)

    def hear(self, sounds: Sequence[SpokenUtterance]) -> Sequence[str]:
        self.asked += [row.output_path for row in sounds]
        return [self.texts[row.output_path] for row in sounds]


def a_round(side: Side, *ids: str, rate: int = 24000) -> WorkerRound:
    rows = (SpokenUtterance(i, 1.0, 1.0, 1.0, rate, "", f"{i}.{side.value}") for i in ids)
    return WorkerRound(utterances=tuple(rows))


def test_both_sides_are_heard_and_paired_by_utterance() -> None:
    fake = FakeRecogniser(
        {
            "zh.before": "今天 天气 很 好",
            "zh.after": "明天天气很好",
            "en.before": "good morning",
            "en.after": "good",
        }
    )
    rounds = a_round(Side.BEFORE, "zh", "en"), a_round(Side.AFTER, "en", "zh")
    zh, en = transcribe(*rounds, TEXTS, fake)
    assert zh == Transcript("zh", "今天天气很好。", "今天 天气 很 好", "明天天气很好", 0.0, 1 / 6)
    assert [en.cer_before, en.cer_after] == [0.0, 7 / 11]


def test_tokens_texts_without_letters_and_lone_sides_are_not_heard() -> None:
    fake = FakeRecogniser({})
    texts = (*TEXTS, Utterance("dots", "..."))
    rounds = a_round(Side.BEFORE, "zh", "dots"), a_round(Side.AFTER, "en", "dots")
    tokens = a_round(Side.BEFORE, "zh", rate=0), a_round(Side.AFTER, "zh", rate=0)
    assert transcribe(*rounds, texts, fake) == transcribe(*tokens, texts, fake) == ()
    assert fake.asked == []


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


FUNASR = '''\
"""A funasr that hears how many samples there are."""
import os

print("garbage on standard output")


class AutoModel:
    def __init__(self, model, ncpu, **options):
        self.kwargs = {"init_param": os.path.join(model, "model.pt")}
        assert options == {"disable_update": True, "disable_pbar": True} and ncpu == 2

    def generate(self, input, fs):
        return [{"key": "rand", "text": "%d %s at %d" % (len(input), input.dtype, fs)}]
'''


@dataclass
class Place:
    """A folder with a fake funasr, a model and a sound."""

    folder: Path

    def recogniser(self, funasr: str = FUNASR, **changes: object) -> FunasrRecogniser:
        (self.folder / "site").mkdir()
        if funasr:
            (self.folder / "site" / "funasr.py").write_text(funasr, encoding="utf-8")
        (self.folder / "model").mkdir()
        (self.folder / "model" / "model.pt").touch()
        given = {"model": str(self.folder / "model"), "threads": 2} | changes
        variables = {**os.environ, "PYTHONPATH": str(self.folder / "site")}
        python = Path(sys.executable)
        return FunasrRecogniser(python, self.folder / "new", inherited=variables, **given)  # type: ignore[arg-type]

    def sound(self, count: int) -> SpokenUtterance:
        file = self.folder / f"{count}.npy"
        file.write_bytes(npy([0.5] * count))
        return SpokenUtterance("short", 1.0, 1.0, 1.0, 24000, "", str(file))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_the_process_hears_each_sound_in_order(place: Place) -> None:
    heard = place.recogniser().hear([place.sound(3), place.sound(5)])
    assert heard == ["3 float32 at 24000", "5 float32 at 24000"]


def test_a_missing_funasr_is_named_with_what_to_install(place: Place) -> None:
    missing = "raise ModuleNotFoundError('no', name='torchaudio')"
    with pytest.raises(CannotRunError, match="has no module torchaudio") as caught:
        place.recogniser(missing).hear([place.sound(3)])
    assert caught.value.code == "module-missing"
    assert "ttsopt[funasr]" in caught.value.hint


@pytest.mark.parametrize(
    ("funasr", "words"),
    [
        (FUNASR.replace("model.pt", "gone.pt"), "NoModelError: FunASR loaded no weights"),
        (FUNASR.replace("return", "raise OSError('disk');"), "OSError: disk"),
        ("import os, sys; sys.stderr.write('last words'); os._exit(3)", "status 3"),
        ("import time; time.sleep(60)", "took too long"),
    ],
    ids=["no weights", "error", "dead", "hung"],
)
def test_a_failure_says_what_happened(place: Place, funasr: str, words: str) -> None:
    limit = 1.0 if "sleep" in funasr else 60.0
    with pytest.raises(CannotRunError, match=words) as caught:
        place.recogniser(funasr, time_limit=limit).hear([place.sound(3)])
    assert caught.value.code == "recogniser-failed"


@pytest.mark.parametrize(
    ("answer", "words"), [('{"texts": 3}', "nonsense"), ('{"protocol": 1, "ok": true}', "no text for short")]
)  # fmt: skip
def test_an_answer_that_makes_no_sense_is_refused(place: Place, answer: str, words: str) -> None:
    program = place.folder / "other.py"
    program.write_text(f"import sys; open(sys.argv[1] + '/result.json', 'w').write('''{answer}''')")
    with pytest.raises(CannotRunError, match=words):
        place.recogniser(program=program).hear([place.sound(3)])


def test_an_interpreter_that_is_not_there_is_named(place: Place) -> None:
    gone = FunasrRecogniser(place.folder / "no-python", place.folder / "new")
    with pytest.raises(CannotRunError, match="no-python"):
        gone.hear([place.sound(3)])
