"""What `ttsopt bench` is asked: which trees, what is spoken, by which method, and what limits it must keep."""

from __future__ import annotations

import math
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from ttsopt.domain.limits import Limits
from ttsopt.domain.model_size import Size
from ttsopt.domain.text_set import TextSet
from ttsopt.errors import CannotRunError, UsageError
from ttsopt.operations.planning import PlanRequest


@dataclass(frozen=True, slots=True)
class Speech:
    """What is spoken, by which model, in which voice. `texts` of one's own take the place of a `text_set`."""

    texts: tuple[str, ...] = ()
    text_set: TextSet = TextSet.SHORT
    size: Size = Size.TINY
    weights: str = "random"
    prompt_audio: Path | None = None
    prompt_text: str = ""


@dataclass(frozen=True, slots=True)
class Method:
    """Rounds are added from `least` to `most` until all is decided, or `budget` seconds are spent.

    `threads` 0: as many as this process may use. `time_limit` is the seconds that one process may take. `hot`:
    each utterance is said again, apart. `concurrency`: so many at once; the verdict is of the first level.
    """

    least: int = 5
    most: int = 40
    budget: float = 600.0
    threads: int = 0
    seed: int = 0
    time_limit: float = 600.0
    hot: bool = False
    stream: bool = False
    concurrency: tuple[int, ...] = (1,)


@dataclass(frozen=True, slots=True)
class BenchRequest:
    """What to measure and how. `against`: a folder or a commit, in the place of the tree without patches."""

    plan: PlanRequest
    python: str = ""
    against_itself: bool = False
    against: str = ""
    speech: Speech = field(default_factory=Speech)
    method: Method = field(default_factory=Method)
    limits: Limits = field(default_factory=Limits)
    save_audio: Path | None = None
    profile: Path | None = None
    recogniser: str = ""


def check_request(request: BenchRequest) -> None:
    """Find out before hours of work what cannot be right.

    Raises:
        UsageError: A limit, a folder of weights or a voice that makes no sense.
        CannotRunError: The folder for the audio cannot be written.
    """
    method = request.method
    limits = dict(request.limits.options())
    limits |= {"--time-limit": method.time_limit, "--budget": method.budget}
    for option, value in limits.items():
        if value is not None and not (value > 0 and not math.isnan(value)):
            raise UsageError(
                "bad-limit", f"{option} {value:g} is no limit", "Give a number above 0."
            )
    if method.least > method.most:
        message = f"at least {method.least} rounds and at most {method.most} make no sense"
        raise UsageError("bad-rounds", message, "--rounds N makes exactly N.")
    if len(set(method.concurrency)) < len(method.concurrency):
        levels = ",".join(map(str, method.concurrency))
        message = f"--concurrency {levels} names a level twice"
        raise UsageError("bad-concurrency", message, "Name each level once: 1,2,4.")
    _check_baseline(request)
    if request.recogniser and request.speech.weights == "random":
        message = "random weights speak nothing that a recogniser could hear"
        raise UsageError("nothing-to-hear", message, "Name real ones: --weights DIR.")
    weights_folder(request.speech)
    prompt_file(request.speech)
    for folder in filter(None, (request.save_audio, request.profile)):
        _make_folder(folder)


def _check_baseline(request: BenchRequest) -> None:
    choice = request.plan.choice
    if request.against and request.against_itself:
        raise UsageError("two-baselines", "--aa and --against exclude each other", "Choose one.")
    if request.against and (choice.is_named or choice.settings):
        message = "--against measures the tree as it is, -p, --patch-file and --set what a plan would make of it"
        raise UsageError(
            "two-baselines", message, "Apply the patches first, or leave out --against."
        )


def weights_folder(speech: Speech) -> str:
    """`random`, or the absolute path of a folder; the head of each workload says what must lie there."""
    if speech.weights == "random":
        return speech.weights
    folder = Path(speech.weights).resolve()
    if not folder.is_dir():
        hint = "Name the folder that holds the model, or take --weights random."
        raise UsageError("no-weights", f"--weights {speech.weights}: there is no such folder", hint)
    return str(folder)


def prompt_file(speech: Speech) -> str | None:
    """The absolute path of the voice to clone; None: the workload's own."""
    if speech.prompt_audio is None:
        return None
    if not speech.prompt_audio.is_file():
        message = f"--prompt-audio {speech.prompt_audio}: there is no such file"
        raise UsageError(
            "no-prompt", message, "Name a WAV file of the voice, and its words: --prompt-text."
        )
    return str(speech.prompt_audio.resolve())


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        message = f"cannot write to {folder}: {error.strerror}"
        raise CannotRunError("unwritable", message, "Name a folder that can be written.") from error
