"""Answers of a benchmark over HTTP judged as outputs are: both sides compared, and heard by a recogniser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ttsopt.bench.outputs.recogniser import Recogniser
from ttsopt.bench.outputs.transcripts import SpokenPair, transcribe
from ttsopt.bench.serve.answers import Answer
from ttsopt.bench.serve.outputs import compare_answers, lone_answers
from ttsopt.bench.serve.result import ServeResult
from ttsopt.bench.serve.spec import ServeSpec
from ttsopt.domain.measurement import Side
from ttsopt.environment.machine import fingerprint_machine
from ttsopt.errors import CannotRunError
from ttsopt.operations.bench.hearing import open_recogniser

# Whisper takes a second or two for each on one core.
MOST_HEARD = 200
TIME_LIMIT = 600.0


def open_ear(spec: ServeSpec, work: Path) -> Recogniser | None:
    """Return the recogniser of a run, if one was asked for.

    Raises:
        CannotRunError: As `open_recogniser`.
    """
    if spec.recogniser is None:
        return None
    cores = fingerprint_machine().usable_cores or 1
    return open_recogniser(spec.recogniser, work, cores, TIME_LIMIT)


def judge_answers(
    result: ServeResult,
    again: Mapping[Side, Sequence[Answer]],
    recogniser: Recogniser | None,
    *,
    random_weights: bool = False,
) -> ServeResult:
    """Compare the answers of the first level, and hear up to 200 of them. Where hearing fails, the rest stays."""
    before, after = (result.first(side) for side in (Side.BEFORE, Side.AFTER))
    outputs = compare_answers(
        before, after, again.get(Side.BEFORE, ()), random_weights=random_weights
    )
    done = replace(result, outputs=outputs)
    if recogniser is None:
        return done
    pairs = outputs.pairs if Side.BEFORE in result.urls else tuple(lone_answers(after))
    kept = [row for row in pairs if _are_kept(row)][:MOST_HEARD]
    try:
        return replace(done, transcripts=transcribe(kept, recogniser))
    except CannotRunError as error:
        return replace(done, failure=error)


def _are_kept(row: SpokenPair) -> bool:
    return all(side.output_path for side in row.sides)
