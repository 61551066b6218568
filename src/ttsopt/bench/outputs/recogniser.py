"""A recogniser of speech in an interpreter and a process of its own; what it says is bounded and checked."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import cattrs

import ttsopt
from ttsopt.bench.run.process import ChildEnd, run_child
from ttsopt.bench.run.worker_environment import program_environment
from ttsopt.boundary.parsing import load_json
from ttsopt.boundary.reading import TABLE, read_bytes
from ttsopt.domain.recognition import Library
from ttsopt.errors import CannotRunError

PROTOCOL = 2
PROGRAM = Path(ttsopt.__file__).resolve().parent / "in_target" / "recognise.py"
INSTALL = {
    Library.FUNASR: 'pip install "ttsopt[funasr]" torch torchaudio, there',
    Library.FASTER_WHISPER: "pip install faster-whisper, there",
}
# The model that FunASR downloads where no folder is named; for Chinese.
FUNASR_MODEL = "paraformer-zh"
LAST_LINES = 12
SECONDS_A_SOUND = 30.0  # of Whisper's largest model on one core
# Characters heard in one sound: a minute of fast speech has 500. A loop would have many more.
LONGEST_TEXT, LONGEST_MESSAGE = 10_000, 2000
ADVICE = {
    Library.FUNASR: "--recogniser-model funasr:DIR, DIR from `modelscope download --model iic/"
    "speech_seaco_paraformer_large_asr_nat-zh-cn-16k-common-vocab8404-pytorch --local_dir DIR`",
    Library.FASTER_WHISPER: "--recogniser-model faster-whisper:DIR, DIR from "
    "`hf download Systran/faster-whisper-small --local-dir DIR`",
}


@dataclass(frozen=True, slots=True)
class Recording:
    """A sound to hear: a 1-D float32 `.npy`, its rate in Hz, its language (None: the recogniser finds out)."""

    file: Path
    sample_rate: int
    language: str | None = None


class Recogniser(Protocol):
    """Hears texts in sounds: the seam at which tests put a fake."""

    def hear(self, sounds: Sequence[Recording]) -> Sequence[str]:
        """The text of each sound, in order. CannotRunError where it cannot be had."""
        ...


@dataclass(frozen=True, slots=True)
class RecogniserProcess:
    """A recogniser in processes of `python`, each for `time_limit` seconds and 30 more for each sound.

    `model` is an absolute folder, or None: FunASR's own for Chinese, downloaded at the first use. `folder` is a
    new one, for messages.
    """

    python: Path
    folder: Path
    library: Library = Library.FUNASR
    model: Path | None = None
    threads: int = 1
    time_limit: float = 600.0
    program: Path = PROGRAM
    inherited: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def hear(self, sounds: Sequence[Recording]) -> Sequence[str]:
        """As `Recogniser`; of no sounds, see that it can be loaded.

        Raises:
            CannotRunError: `module-missing`, `no-recogniser-model` or `recogniser-failed`.
        """
        own = self.folder / str(next(self._numbers))
        own.mkdir(parents=True)
        (own / "request.json").write_text(json.dumps(self._request(sounds)), encoding="utf-8")
        end = self._run(own, self.time_limit + SECONDS_A_SOUND * len(sounds))
        texts = self._read(own, end)
        heard = [texts.get(str(number)) for number in range(len(sounds))]
        for number, text in enumerate(heard):
            if text is None:
                raise self._failed(f"gave no text for sound {number + 1} of {len(sounds)}", end)
            if len(text) > LONGEST_TEXT:
                raise self._failed(f"heard {len(text)} characters in one sound", end)
        return [text for text in heard if text is not None]

    def _request(self, sounds: Sequence[Recording]) -> dict[str, object]:
        return {
            "protocol": PROTOCOL,
            "library": self.library.value,
            "model": str(self.model) if self.model else FUNASR_MODEL,
            "threads": self.threads,
            "sounds": [
                {
                    "id": str(number),
                    "file": str(row.file),
                    "sample_rate": row.sample_rate,
                    "language": row.language,
                }
                for number, row in enumerate(sounds)
            ],
        }

    def _run(self, own: Path, seconds: float) -> ChildEnd:
        environment = program_environment(self.inherited, self.threads)
        environment["PYTHONPYCACHEPREFIX"] = str(self.folder / "bytecode")
        if self.model:
            environment |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
        command = [str(self.python), str(self.program), str(own)]
        try:
            return run_child(command, own, environment, seconds)
        except OSError as error:
            raise self._failed(f"cannot be started: {error}") from error

    def _read(self, own: Path, end: ChildEnd) -> Mapping[str, str]:
        try:
            content = read_bytes(own / "result.json", TABLE, follow=False)
            answer = cattrs.structure(load_json(content), _Answer)
        except FileNotFoundError:
            how = "took too long" if end.status is None else f"ended with status {end.status}"
            raise self._failed(f"{how} and gave no answer", end) from None
        except OSError as error:
            raise self._failed(f"left no answer to read: {error.strerror}", end) from error
        except (ValueError, cattrs.BaseValidationError) as error:
            raise self._failed(f"answered nonsense: {error}", end) from error
        if answer.protocol != PROTOCOL:
            raise self._failed(f"answered nonsense: protocol {answer.protocol}", end)
        if not answer.ok:
            raise self._refusal(answer, end)
        return answer.texts

    def _refusal(self, answer: _Answer, end: ChildEnd) -> CannotRunError:
        message = answer.message[:LONGEST_MESSAGE]
        if answer.missing_module:
            named = answer.missing_module[:LONGEST_MESSAGE]
            lacking = f"{self.python} has no module {named}, which recognition needs"
            return CannotRunError("module-missing", lacking, INSTALL[self.library])
        if answer.error != "NoModelError":
            return self._failed(f"failed: {answer.error[:LONGEST_MESSAGE]}: {message}", end)
        if self.model:
            what = f"{self.library.value} cannot load the model in {self.model}: {message}"
        else:
            what = (
                "no folder with a model was named, and funasr could not download its own "
                f"({FUNASR_MODEL}), as without network: {message}"
            )
        return CannotRunError("no-recogniser-model", what, ADVICE[self.library])

    def _failed(self, what: str, end: ChildEnd | None = None) -> CannotRunError:
        lines = end.stderr.rstrip().splitlines()[-LAST_LINES:] if end else []
        words = "; its last lines:" if lines else ""
        return CannotRunError(
            "recogniser-failed",
            f"the recogniser ({self.library.value}, {self.python}) {what}{words}",
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
