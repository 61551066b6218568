"""Recogniser of a benchmark: checked before it begins, and asked when all is spoken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ttsopt.bench.job import resident_text
from ttsopt.bench.outputs.recogniser import ADVICE, Recogniser, RecogniserProcess
from ttsopt.bench.outputs.transcripts import pairs_of_rounds, transcribe
from ttsopt.bench.result import BenchmarkResult
from ttsopt.bench.run.resident import TEXT
from ttsopt.bench.run.variation import of_round
from ttsopt.domain.limits import Limits
from ttsopt.domain.measurement import Utterance
from ttsopt.domain.recognition import Library, RecogniserChoice
from ttsopt.environment.interpreter import find_interpreter
from ttsopt.errors import CannotRunError, UsageError

# Files of a model's folder: one of each row. Without its tokenizer faster-whisper would ask a hub for one.
MODEL_FILES = {
    Library.FUNASR: (("configuration.json", "config.yaml"),),
    Library.FASTER_WHISPER: (("model.bin",), ("config.json",), ("tokenizer.json",)),
}


def check_recogniser(choice: RecogniserChoice | None, limits: Limits) -> RecogniserChoice | None:
    """Return the choice with the absolute path of its folder.

    Raises:
        UsageError: A limit on errors that nobody would hear; a folder that holds no model of the library.
    """
    if choice is None:
        if limits.max_cer_increase is not None:
            message = "--max-cer-increase: errors are heard by a recogniser, and none is named"
            raise UsageError("no-recogniser", message, "Add --recogniser EXE.")
        return None
    if choice.folder is None:
        return choice
    _check_folder(choice.library, choice.folder)
    return replace(choice, folder=choice.folder.resolve())


def open_recogniser(
    choice: RecogniserChoice, work: Path, threads: int, time_limit: float
) -> Recogniser:
    """Start it once without a sound, so that what it lacks is said before anything is measured.

    Raises:
        CannotRunError: As `RecogniserProcess.hear`, or no such interpreter.
    """
    python = find_interpreter((), choice.python).path
    made = RecogniserProcess(
        python, work / "recogniser", choice.library, choice.folder, threads, time_limit
    )
    made.hear(())
    return made


def hear_rounds(result: BenchmarkResult, recogniser: Recogniser) -> BenchmarkResult:
    """Hear what both sides spoke in all rounds. Where that fails or is cut short, what was measured stays."""
    if result.interrupted:
        return result

    def texts(number: int) -> Iterable[Utterance]:
        if result.spec.resident:
            return (replace(resident_text(result.scenarios[0], number), id=TEXT),)
        return (of_round(row, number - 1) for row in result.scenarios[0].utterances)

    try:
        heard = transcribe(pairs_of_rounds(result.before, result.after, texts), recogniser)
    except CannotRunError as error:
        return replace(result, failure=result.failure or error)
    except KeyboardInterrupt:
        return replace(result, interrupted=True)
    return result.heard(heard)


def _check_folder(library: Library, folder: Path) -> None:
    if not folder.is_dir():
        message = f"--recogniser-model {library.value}:{folder}: there is no such folder"
        raise UsageError("bad-recogniser-model", message, ADVICE[library])
    for names in MODEL_FILES[library]:
        if not any((folder / name).is_file() for name in names):
            lacking = " or ".join(names)
            message = f"--recogniser-model {library.value}:{folder} is no model of {library.value}: no {lacking}"
            raise UsageError("bad-recogniser-model", message, ADVICE[library])
