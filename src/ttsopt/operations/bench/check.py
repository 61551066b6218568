"""Check the options of a benchmark before hours of work, and resolve their paths and the number of threads."""

from __future__ import annotations

import math
import tempfile
from dataclasses import replace
from pathlib import Path

from ttsopt.bench.spec import FOUND, RANDOM, BenchSpec
from ttsopt.environment.machine import fingerprint_machine
from ttsopt.errors import CannotRunError, UsageError
from ttsopt.operations.bench.hearing import check_recogniser
from ttsopt.operations.plan.selection import Selection

# Texts of a round are made for no more (bench/run/variation.py).
MOST_RESIDENT = 80


def check_spec(spec: BenchSpec, choice: Selection) -> BenchSpec:
    """Return the spec with absolute paths and the threads that it means.

    Raises:
        UsageError: A limit, a baseline, a folder of weights, a voice or a recogniser that makes no sense.
        CannotRunError: The folder for the audio or the profile cannot be written.
    """
    _check_numbers(spec)
    _check_baseline(spec, choice)
    if spec.resident:
        spec = _resident(spec)
    resolved = replace(
        spec,
        weights=_weights_folder(spec.weights),
        prompt_audio=_prompt_file(spec.prompt_audio),
        threads=spec.threads or fingerprint_machine().usable_cores or 1,
        recogniser=check_recogniser(spec.recogniser, spec.limits),
    )
    for folder in filter(None, (spec.save_audio, spec.profile)):
        _make_folder(folder)
    return resolved


def _check_numbers(spec: BenchSpec) -> None:
    limits = dict(spec.limits.options())
    limits |= {"--time-limit": spec.time_limit, "--budget": spec.budget}
    for option, value in limits.items():
        if value is not None and not (value > 0 and not math.isnan(value)):
            raise UsageError(
                "bad-limit", f"{option} {value:g} is no limit", "Give a number above 0."
            )
    if spec.limits.max_ttfa is not None and not spec.stream:
        message = "--max-ttfa: without --stream there is no first audio before the last"
        raise UsageError("no-stream", message, "Add --stream, or limit latency with --max-p95.")
    if spec.least > spec.most:
        message = f"at least {spec.least} rounds and at most {spec.most} make no sense"
        raise UsageError("bad-rounds", message, "--rounds N makes exactly N.")
    if len(set(spec.concurrency)) < len(spec.concurrency):
        levels = ",".join(map(str, spec.concurrency))
        message = f"--concurrency {levels} names a level twice"
        raise UsageError("bad-concurrency", message, "Name each level once: 1,2,4.")


def _resident(spec: BenchSpec) -> BenchSpec:
    """The spec with as many rounds in the second pair of processes as in the first; one warm-up turn at most.

    Text after text goes to processes that stay: one of the user's own is spoken once, since a cache would know it.
    """
    not_measured = {
        "--stream": spec.stream,
        "--hot": spec.hot,
        "--concurrency": spec.concurrency != (1,),
        "--max-load": spec.limits.max_load is not None,
    }
    for option in (name for name, is_asked in not_measured.items() if is_asked):
        message = f"{option}: --resident measures one text after the other and nothing else"
        raise UsageError("not-resident", message, "Leave one of them out.")
    least = 2 * math.ceil(spec.least / 2)
    most = 2 * math.ceil(min(spec.most, MOST_RESIDENT) / 2)
    if spec.texts:
        most = min(most, 2 * (len(spec.texts) // 2))
    if least > most:
        message = f"--resident speaks each text once: {len(spec.texts)} texts are less than {least} rounds"
        raise UsageError("too-few-texts", message, "Give more (--text-file), or --rounds 2.")
    return replace(spec, least=least, most=most, warmup=min(spec.warmup, 1))


def _check_baseline(spec: BenchSpec, choice: Selection) -> None:
    if spec.against and spec.against_itself:
        raise UsageError("two-baselines", "--aa and --against exclude each other", "Choose one.")
    if spec.against and (choice.is_named or choice.settings):
        message = "--against measures the tree as it is, -p, --patch-file and --set what a plan would make of it"
        raise UsageError(
            "two-baselines", message, "Apply the patches first, or leave out --against."
        )


def _weights_folder(weights: str) -> str:
    """`random`, `found`, or the absolute path of a folder; the head of each workload says what must lie there."""
    if weights in {FOUND, RANDOM}:
        return weights
    folder = Path(weights).resolve()
    if not folder.is_dir():
        hint = "Name the folder that holds the model, or take --weights random."
        raise UsageError("no-weights", f"--weights {weights}: there is no such folder", hint)
    return str(folder)


def _prompt_file(audio: Path | None) -> Path | None:
    """The absolute path of the voice to clone; None: the workload's own."""
    if audio is None:
        return None
    if not audio.is_file():
        message = f"--prompt-audio {audio}: there is no such file"
        raise UsageError(
            "no-prompt", message, "Name a WAV file of the voice, and its words: --prompt-text."
        )
    return audio.resolve()


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        message = f"cannot write to {folder}: {error.strerror}"
        raise CannotRunError("unwritable", message, "Name a folder that can be written.") from error
