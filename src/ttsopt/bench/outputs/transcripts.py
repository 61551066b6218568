"""Transcripts of both sides by a speech recogniser, and how far they are from the text that was to be spoken."""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import cattrs

import ttsopt
from ttsopt.bench.run.process import ChildEnd, run_child
from ttsopt.bench.run.worker_environment import program_environment
from ttsopt.boundary.parsing import load_json
from ttsopt.boundary.reading import read_bytes
from ttsopt.domain.measurement import SpokenUtterance, Utterance, WorkerRound
from ttsopt.errors import CannotRunError

PROTOCOL = 1
PROGRAM = Path(ttsopt.__file__).resolve().parent / "in_target" / "recognise.py"
INSTALL = 'pip install "ttsopt[funasr]" torch torchaudio, there'
LAST_LINES = 12


class Recogniser(Protocol):
    """Hears texts in sounds: the seam at which tests put a fake."""

    def hear(self, sounds: Sequence[SpokenUtterance]) -> Sequence[str]:
        """The text of each sound, in order. CannotRunError where it cannot be had."""
        ...


@dataclass(frozen=True, slots=True)
class Transcript:
    """Transcripts of one text; of the character error rates 0 is the best, and above 1 much was added."""

    id: str
    text: str
    heard_before: str
    heard_after: str
    cer_before: float
    cer_after: float


def transcribe(
    before: WorkerRound, after: WorkerRound, texts: Iterable[Utterance], recogniser: Recogniser
) -> tuple[Transcript, ...]:
    """The utterances of one round of either side that are sound and have a text, paired by id."""
    wanted = {row.id: row.text for row in texts if plain(row.text)}
    sounds = [
        {row.id: row for row in round_.utterances if row.sample_rate} for round_ in (before, after)
    ]
    ids = [id_ for id_ in wanted if all(id_ in side for side in sounds)]
    heard = recogniser.hear([side[id_] for side in sounds for id_ in ids]) if ids else ()
    pairs = zip(ids, heard[: len(ids)], heard[len(ids) :], strict=True)
    return tuple(_transcript(id_, wanted[id_], first, second) for id_, first, second in pairs)


def character_error_rate(text: str, heard: str) -> float:
    """Characters substituted, deleted and inserted, per character of the text; ValueError where that has none.

    As the CER of seed-tts-eval, which leaves out punctuation too; here also what `plain` leaves out. Numbers are
    not spelt out: "3" heard as "three" is an error, on both sides alike.
    """
    wanted = plain(text)
    if not wanted:
        raise ValueError("a text without letters has no error rate")
    return _distance(wanted, plain(heard)) / len(wanted)


def plain(text: str) -> str:
    """Letters, digits and marks alone, in one form of width and case (NFKC, case folded)."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    kept = (char for char in folded if unicodedata.category(char)[0] in "LMN")
    return unicodedata.normalize("NFC", "".join(kept))


def _transcript(id_: str, text: str, before: str, after: str) -> Transcript:
    rates = (character_error_rate(text, heard) for heard in (before, after))
    return Transcript(id_, text, before, after, *rates)


def _distance(a: str, b: str) -> int:
    """Levenshtein's, row by row."""
    row = list(range(len(b) + 1))
    for i, char in enumerate(a, start=1):
        above, row = row, [i]
        for j, other in enumerate(b):
            row.append(min(above[j] + (char != other), above[j + 1] + 1, row[j] + 1))
    return row[-1]


@dataclass(frozen=True, slots=True)
class FunasrRecogniser:
    """FunASR's Paraformer in a process of `python`, for at most `time_limit` seconds.

    `model` is one of FunASR's names, downloaded at the first use, or an absolute folder. `paraformer-zh` is for
    Chinese; of English it knows some, so there the two sides can be compared with each other, not with other
    figures. `folder` is a new one, for messages. Not run with real weights by us.
    """

    python: Path
    folder: Path
    model: str = "paraformer-zh"
    threads: int = 1
    time_limit: float = 600.0
    program: Path = PROGRAM
    inherited: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    def hear(self, sounds: Sequence[SpokenUtterance]) -> Sequence[str]:
        """As `Recogniser`; CannotRunError `module-missing` or `recogniser-failed`."""
        self.folder.mkdir(parents=True)
        request = {
            "protocol": PROTOCOL,
            "model": self.model,
            "threads": self.threads,
            "sounds": [
                {"id": str(number), "file": row.output_path, "sample_rate": row.sample_rate}
                for number, row in enumerate(sounds)
            ],
        }
        (self.folder / "request.json").write_text(json.dumps(request), encoding="utf-8")
        end = self._run()
        texts = self._read(end)
        missing = [row.id for number, row in enumerate(sounds) if str(number) not in texts]
        if missing:
            raise self._failed(f"gave no text for {', '.join(missing)}", end)
        return [texts[str(number)] for number in range(len(sounds))]

    def _run(self) -> ChildEnd:
        environment = program_environment(self.inherited, self.threads)
        environment["PYTHONPYCACHEPREFIX"] = str(self.folder / "bytecode")
        command = [str(self.python), str(self.program), str(self.folder)]
        try:
            return run_child(command, self.folder, environment, self.time_limit)
        except OSError as error:
            raise self._failed(f"cannot be started: {error}") from error

    def _read(self, end: ChildEnd) -> Mapping[str, str]:
        result = self.folder / "result.json"
        try:
            answer = cattrs.structure(load_json(read_bytes(result, follow=False)), _Answer)
        except FileNotFoundError:
            how = "took too long" if end.status is None else f"ended with status {end.status}"
            raise self._failed(f"{how} and gave no answer", end) from None
        except OSError as error:
            raise self._failed(f"left no answer to read: {error.strerror}", end) from error
        except (ValueError, cattrs.BaseValidationError) as error:
            raise self._failed(f"answered nonsense: {error}", end) from error
        if answer.missing_module:
            message = (
                f"{self.python} has no module {answer.missing_module}, which recognition needs"
            )
            raise CannotRunError("module-missing", message, INSTALL)
        if not answer.ok:
            raise self._failed(f"failed: {answer.error}: {answer.message}", end)
        return answer.texts

    def _failed(self, what: str, end: ChildEnd | None = None) -> CannotRunError:
        lines = end.stderr.rstrip().splitlines()[-LAST_LINES:] if end else []
        words = "; its last lines:" if lines else ""
        return CannotRunError(
            "recogniser-failed",
            f"the recogniser ({self.model}, {self.python}) {what}{words}",
            "The figures of speed do not need it: measure without transcripts.",
            lines,
        )


@dataclass(frozen=True, slots=True)
class _Answer:
    protocol: int
    ok: bool
    texts: dict[str, str] = field(default_factory=dict)
    error: str = ""
    message: str = ""
    missing_module: str | None = None
