"""Worker errors: what went wrong in a worker process, as errors that say what to do next."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from pathlib import Path

from ttsopt.bench.job import Task, WorkerJob
from ttsopt.bench.run.process import ChildEnd
from ttsopt.bench.run.worker_result import WorkerFailure
from ttsopt.errors import CannotRunError

LAST_LINES = 12
MEMORY_HINT = "free some memory, or measure less: --size tiny, or a shorter text"

# Errors of in_target/recording.py and recorder.py, with a code and the next step.
UNRECORDABLE = {
    "NoTorchError": (
        "no-torch",
        "only operations of torch are recorded: `ttsopt bench DIR --profile FOLDER` shows where time goes",
    ),
    "UnrecordableError": ("old-torch", "name an interpreter with torch 2.0 or newer: --python EXE"),
}


def died(end: ChildEnd, job: WorkerJob) -> CannotRunError:
    """The process ended without a result, or somebody removed it with its folder."""
    if not job.control.exists():
        return CannotRunError(
            "scratch-removed",
            f"{_who(job)} lost its folder: {job.control} was removed while it ran",
            "something clears temporary files there: set TMPDIR to a folder of your own",
        )
    how, hint = _how(end.status or 0)
    words = last_words(end)
    return CannotRunError("worker-died", f"{_who(job)} {how}{_and(words)}", hint, words)


def hung(end: ChildEnd, job: WorkerJob, seconds: float) -> CannotRunError:
    """The process was over its time and was killed."""
    words = last_words(end)
    return CannotRunError(
        "worker-hung",
        f"{_who(job)} was not done after {seconds:g} s and was stopped"
        + _how_far(job)
        + _and(words),
        f"if it was only slow: --time-limit {max(1, round(2 * seconds))}",
        words,
    )


def silent(job: WorkerJob, seconds: float) -> CannotRunError:
    """A resident process neither loaded, nor spoke a text, nor ended in its time, and was killed."""
    return CannotRunError(
        "worker-hung",
        f"{_who(job)} was not back after {seconds:g} s and was stopped",
        f"if it was only slow: --time-limit {max(1, round(2 * seconds))}",
    )


def reported(failure: WorkerFailure, job: WorkerJob, python: Path, install: str) -> CannotRunError:
    """The process reported an exception."""
    if failure.missing_module and not _is_of_view(failure.missing_module, job):
        return CannotRunError(
            "module-missing",
            f"{python} has no module {failure.missing_module}, which the TTS code imports",
            install or f"install {failure.missing_module} there, or choose another: --python EXE",
        )
    if failure.stage == "request":
        return CannotRunError(
            "bad-answer",
            f"{_who(job)} did not understand its request: {failure.error}: {failure.message}",
            "a defect of ttsopt: report it with this message",
        )
    if failure.error in UNRECORDABLE:
        code, hint = UNRECORDABLE[failure.error]
        message = f"{_who(job)} cannot be recorded by {python}: {failure.message}"
        return CannotRunError(code, message, hint)
    memory = failure.error in {"MemoryError", "OutOfMemoryError"}
    return CannotRunError(
        "target-failed",
        f"{_who(job)} failed in stage {failure.stage}: {failure.error}: {failure.message}",
        MEMORY_HINT if memory else _whose_fault(job),
        _last_of(failure.traceback),
    )


def not_startable(error: OSError, python: Path) -> CannotRunError:
    """The interpreter could not be started."""
    return CannotRunError(
        "python-unusable", f"{python} cannot be run: {error}", "name an interpreter: --python EXE"
    )


def _who(job: WorkerJob) -> str:
    return f"the worker of the {job.side.value} side ({job.task.value})"


def _how(status: int) -> tuple[str, str]:
    if status >= 0:
        return f"ended with status {status} and no result", "see its last lines above"
    name = _signal_name(-status)
    if name == "SIGKILL":
        return "was killed (SIGKILL), perhaps because memory ran out", MEMORY_HINT
    return f"died of {name}", "native code of the TTS environment crashed: see its last lines above"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal has no name
        return f"signal {number}"


def _how_far(job: WorkerJob) -> str:
    spoken = len(list((job.control / "output").rglob("*.npy")))
    asked = sum(len(row.utterances) for row in job.expected)
    return f", {spoken} of {asked} utterances spoken" if asked else ""


def last_words(end: ChildEnd) -> list[str]:
    """Return the last lines that it printed, of standard error where there are any."""
    return _last_of(end.stderr) or _last_of(end.stdout)


def _and(words: Sequence[str]) -> str:
    return "; its last lines:" if words else "; it printed nothing"


def _last_of(text: str) -> list[str]:
    return text.rstrip().splitlines()[-LAST_LINES:]


def _is_of_view(module: str, job: WorkerJob) -> bool:
    """True if the snapshot itself holds (part of) the module: then no installation helps."""
    top = module.partition(".")[0]
    folders = [job.snapshot / path for path in job.setup.import_paths]
    return any((row / top).is_dir() or (row / f"{top}.py").is_file() for row in folders)


def _whose_fault(job: WorkerJob) -> str:
    if job.task is Task.SERVE:
        return (
            "start that server by hand without any patch: where it fails too, no patch is to blame"
        )
    if job.side.value == "before":
        return "the TTS code fails without any patch: make it run in this environment first"
    return "the before side ran, so a patch is the first suspect: leave patches out one by one (-p)"
