"""What a file's edits come to: an answer each, and the splices of the file's own bytes."""

from __future__ import annotations

from dataclasses import dataclass

from ttsopt.domain.plan import EditAnswer, Splice


@dataclass(frozen=True, slots=True)
class Resolution:
    """What every edit answered, in their order, and the splices of the file's own bytes that they come to."""

    answers: tuple[EditAnswer, ...]
    splices: tuple[Splice, ...]
