"""`ttsopt bench --recogniser`: what is heard of all rounds and answers, the gate, and what is lacking.

The recogniser is a process of its own with a fake library, which hears exactly what was said.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import coded_speech
import pytest
from cli_driver import Cli
from speech_server import Act, Handler, speech_server, wav

Asked = Callable[..., tuple[Any, ...]]


@pytest.fixture
def heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, ...]:
    """The options that name the recogniser."""
    site, model = coded_speech.lay_out(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(site))
    return ("--recogniser", sys.executable, "--recogniser-model", f"faster-whisper:{model}")


def speaks(lost: float = 0.0) -> Act:
    """Say what is asked for, less a word of some requests."""
    draw = random.Random(7)  # noqa: S311 - which requests lose a word

    def act(handler: Handler, _: int) -> None:
        words = handler.server.seen[-1].json["input"].split()
        if draw.random() < lost and len(words) > 1:
            del words[draw.randrange(len(words))]
        handler.answer(wav(coded_speech.coded(" ".join(words)), coded_speech.RATE))

    return act


TEXTS = ("--requests", "24", "--rounds", "2")


def text_file(folder: Path) -> tuple[Any, ...]:
    """Texts of their own for each request, of eight words."""
    words = ["harbour", "lantern", "meadow", "copper", "thunder", "velvet", "orchard", "candle"]
    draw = random.Random(1)  # noqa: S311 - texts
    file = folder / "texts.txt"
    file.write_text("".join(f"{' '.join(draw.sample(words, 8))}.\n" for _ in range(24)))
    return ("--text-file", file)


@pytest.mark.parametrize(
    ("lost", "limit", "code", "outcome"),
    [(0.5, "2", 1, "failed"), (0.5, "30", 0, "passed"), (0.0, "0.1", 0, "passed")],
    ids=["a lost word", "allowed", "whole"],
)
def test_a_word_that_some_answers_lose_is_heard(
    cli: Cli,
    tmp_path: Path,
    heard: tuple[Any, ...],
    lost: float,
    limit: str,
    code: int,
    outcome: str,
) -> None:
    options = (*TEXTS, *text_file(tmp_path), *heard, "--max-cer-increase", limit, "--json")
    with speech_server(speaks()) as before, speech_server(speaks(lost)) as after:
        answer = cli("bench", "--http", before.url, after.url, *options)
    gates = {row["name"]: row["outcome"] for row in answer.data["gates"]}
    rates = answer.data["character_error_rate"]
    assert (answer.code, gates["max-cer-increase"]) == (code, outcome)
    assert (rates["texts"], rates["before"]) == (24, 0.0)
    assert len(answer.data["transcripts"]) == 24
    lost_some = [row for row in answer.data["transcripts"] if row["cer_after"]]
    assert bool(lost_some) is bool(lost)
    assert all(not row["equal"] and row["heard_before"] for row in lost_some)
    assert rates["increase"]["texts"] == 24
    pairs = answer.data["answers_compared"]
    assert (pairs["pairs"], pairs["equal"]) == (24, 24 - len(lost_some))


def test_one_server_is_heard_by_itself(cli: Cli, heard: tuple[Any, ...]) -> None:
    options = ("--requests", "4", *heard, "--max-cer-increase", "1")
    with speech_server(speaks()) as server:
        answer = cli("bench", "--http", server.url, *options, "--json")
        told = cli("bench", "--http", server.url, *options)
    (gate, _) = answer.data["gates"]
    assert (gate["name"], gate["outcome"], answer.code) == ("max-cer-increase", "undecided", 4)
    assert answer.data["character_error_rate"] == {
        "texts": 4, "before": None, "after": 0.0, "increase": None
    }  # fmt: skip
    assert answer.data["transcripts"][0]["heard_before"] is None
    assert "character error rate over 4 texts: 0.0%" in told.out


def test_all_rounds_are_heard_against_the_texts_that_they_spoke(
    cli: Cli, sample: Path, tmp_path: Path, heard: tuple[Any, ...]
) -> None:
    """The sample's formants mean nothing to the fake: all is wrong, on both sides alike."""
    weights = ("--weights", tmp_path, "--threads", "1", "--json")
    gate = ("--max-cer-increase", "0.1", "--rounds", "2")
    answer = cli("bench", sample, "--aa", *gate, *heard, *weights)
    assert answer.code == 0
    rows = answer.data["transcripts"]
    assert [row["round"] for row in rows] == [1, 2]
    assert len({row["text"] for row in rows}) == 2
    assert all(row["equal"] and row["cer_before"] == row["cer_after"] for row in rows)
    assert answer.data["character_error_rate"]["increase"]["value"] == 0


def test_processes_that_stay_loaded_are_heard_too(
    cli: Cli, sample: Path, tmp_path: Path, heard: tuple[Any, ...]
) -> None:
    weights = ("--weights", tmp_path, "--threads", "1", "--json")
    answer = cli("bench", sample, "--aa", "--resident", "--rounds", "4", *heard, *weights)
    rows = answer.data["transcripts"]
    assert [row["round"] for row in rows] == [1, 2, 3, 4]
    assert len({row["text"] for row in rows}) == 4


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--max-cer-increase", "1"), "no-recogniser"),
        (("--recogniser-model", "funasr:x"), "no-recogniser"),
        (("--recogniser", "python", "--recogniser-model", "whisper:x"), "bad-recogniser-model"),
        (("--recogniser", "python", "--recogniser-model", "funasr"), "bad-recogniser-model"),
        (("--recogniser", "python", "--recogniser-model", "funasr:none"), "bad-recogniser-model"),
        (("--recogniser", "python", "--recogniser-model", "funasr:."), "bad-recogniser-model"),
        (
            ("--recogniser", "python", "--recogniser-model", "faster-whisper:."),
            "bad-recogniser-model",
        ),
        (("--recogniser", "python", "--max-cer-increase", "0"), "bad-limit"),
    ],
)
def test_wrong_use(cli: Cli, sample: Path, words: tuple[str, ...], code: str) -> None:
    local = cli("bench", sample, "--aa", *words, "--json")
    http = cli("bench", "--http", "http://127.0.0.1:9", *words, "--json")
    assert [(row.code, row.error["code"]) for row in (local, http)] == [(2, code)] * 2


def test_a_folder_that_is_no_model_is_named_with_the_file_that_it_lacks(
    cli: Cli, sample: Path, tmp_path: Path
) -> None:
    model = ("--recogniser", "python", "--recogniser-model", f"faster-whisper:{tmp_path}")
    answer = cli("bench", sample, "--aa", *model, "--json")
    assert "no model.bin" in answer.error["message"]
    assert "hf download" in answer.error["hint"]


def test_a_recogniser_that_cannot_load_is_told_before_anything_is_measured(
    cli: Cli, heard: tuple[Any, ...], tmp_path: Path
) -> None:
    (tmp_path / "site" / "faster_whisper.py").write_text(
        "class WhisperModel:\n    def __init__(self, *_, **__):\n        raise RuntimeError('damaged')\n"
    )
    with speech_server(speaks()) as server:
        answer = cli("bench", "--http", server.url, *heard, "--json")
        assert server.seen == []
    assert (answer.code, answer.error["code"]) == (5, "no-recogniser-model")
    assert "RuntimeError: damaged" in answer.error["message"]


def test_what_was_measured_stays_where_hearing_fails(
    cli: Cli, sample: Path, heard: tuple[Any, ...], tmp_path: Path
) -> None:
    (tmp_path / "site" / "faster_whisper.py").write_text(
        "class WhisperModel:\n    def __init__(self, *_, **__):\n        pass\n"
        "    def transcribe(self, *_, **__):\n        raise RuntimeError('no ear')\n"
    )
    weights = ("--weights", tmp_path, "--threads", "1", "--rounds", "1", "--json")
    local = cli("bench", sample, "--aa", *heard, *weights)
    with speech_server(speaks()) as server:
        http = cli("bench", "--http", server.url, "--requests", "2", *heard, "--json")
    for answer in (local, http):
        assert (answer.code, answer.error["code"]) == (5, "recogniser-failed")
        assert "no ear" in answer.error["message"]
        assert answer.data["transcripts"] == []
    assert local.data["speedup"]["rounds"] == 1
    assert http.data["levels"][0]["after"]["answered"] == 2
