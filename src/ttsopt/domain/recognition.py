"""Recognisers of speech: the library, where its model lies, and the interpreter that has it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path


class Library(Enum):
    """A library that a recogniser is made of, by the name that pip knows it by."""

    FUNASR = "funasr"
    FASTER_WHISPER = "faster-whisper"


@dataclass(frozen=True, slots=True)
class RecogniserChoice:
    """A recogniser that was asked for: `python` is a path, a command, or the folder of an environment.

    `folder` holds the model; None: FunASR's own, which it downloads.
    """

    python: str
    library: Library = Library.FUNASR
    folder: Path | None = None
