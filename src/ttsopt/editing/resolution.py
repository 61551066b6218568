"""Resolution of a file's edits: an answer each, and the splices of the file's own bytes."""

from __future__ import annotations

from dataclasses import dataclass

from ttsopt.domain.plan import EditAnswer, Splice


@dataclass(frozen=True, slots=True)
class Resolution:
    """Answers of all edits, in their order, and the splices of the file's own bytes that they come to."""

    answers: tuple[EditAnswer, ...]
    splices: tuple[Splice, ...]
