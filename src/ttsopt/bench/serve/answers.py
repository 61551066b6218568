"""Answers judged: latency, sound, and what is wrong with it."""

from __future__ import annotations

import hashlib
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ttsopt.bench.outputs.compare import OTHER_LENGTH
from ttsopt.bench.outputs.defects import WORSE, Finding, wave_findings
from ttsopt.bench.serve.exchange import Exchange
from ttsopt.bench.serve.kept import Sounds
from ttsopt.bench.serve.playable import NoSoundError, Sound, find_sound
from ttsopt.domain.measurement import SpokenUtterance
from ttsopt.domain.serving import RequestTemplate


@dataclass(frozen=True, slots=True)
class Answer:
    """One request and what became of it; times in seconds since its block began.

    `spoken` is timed from the moment the request was due, None of a failure. `defects` are words for what is wrong
    with the sound, `words` a sentence on the failure or the first defect, in what may be the server's own words.
    """

    id: str
    text: str
    due: float
    sent: float
    ended: float
    failure: str = ""
    words: str = ""
    spoken: SpokenUtterance | None = None
    defects: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """From the moment it was due to its end."""
        return self.ended - self.due

    @property
    def lag(self) -> float:
        """Seconds that the client sent it later than it was due."""
        return self.sent - self.due


Heard = dict[str, tuple[Finding, ...]]


def judge_block(
    exchanges: Iterable[Exchange], template: RequestTemplate, sounds: Sounds | None = None
) -> tuple[Answer, ...]:
    """Look at what came back, in the order in which requests were due; equal sounds are judged once.

    `sounds` keeps them.
    """
    known: Heard = {}
    rows = sorted(exchanges, key=lambda row: row.due)
    return tuple(_judged(row, template, known, sounds) for row in rows)


def with_lengths(answers: Sequence[Answer], usual: Mapping[str, float]) -> tuple[Answer, ...]:
    """Mark answers that are twice or half as long as is usual for their text (seconds by its id)."""
    return tuple(_with_length(row, usual.get(row.id)) for row in answers)


def usual_lengths(answers: Iterable[Answer]) -> dict[str, float]:
    """Return the median length in seconds of the answers to each text, whose variants are equally long."""
    lengths = defaultdict(list)
    for row in answers:
        if row.spoken:
            lengths[row.id].append(row.spoken.audio_seconds)
    return {name: statistics.median(rows) for name, rows in lengths.items()}


def defect_counts(answers: Iterable[Answer]) -> dict[str, int]:
    """Return how many answers have each defect, the most frequent first."""
    return _counted(kind for row in answers for kind in row.defects)


def failure_counts(answers: Iterable[Answer]) -> dict[str, int]:
    """Return how many answers failed in each way, the most frequent first."""
    return _counted(row.failure for row in answers if row.failure)


def new_defects(before: Sequence[Answer], after: Sequence[Answer]) -> dict[str, int]:
    """Return the defects of the after side of which the before side has less than half as many (none: all)."""
    had = defect_counts(before)
    share = len(after) / len(before) if before else 0.0
    counts = defect_counts(after).items()
    return {kind: count for kind, count in counts if count >= WORSE * share * had.get(kind, 0)}


def _counted(words: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for word in words:
        counts[word] += 1
    return dict(sorted(counts.items(), key=lambda row: (-row[1], row[0])))


def _judged(
    row: Exchange, template: RequestTemplate, known: Heard, sounds: Sounds | None
) -> Answer:
    answer = Answer(
        row.text.id, row.text.text, row.due, row.sent, row.ended, row.failure, row.words
    )
    if row.failure:
        return answer
    try:
        sound = find_sound(row.body, row.arrivals, template)
    except NoSoundError as error:
        return replace(answer, failure=error.kind, words=error.words)
    digest = hashlib.sha256(row.body).hexdigest()
    if digest not in known:
        known[digest] = wave_findings(sound.samples, sound.rate)
    found = [one for one in known[digest] if one.is_defect]
    return replace(
        answer,
        spoken=_spoken(row, sound, digest, sounds.keep(digest, sound.samples) if sounds else ""),
        defects=tuple(one.kind for one in found),
        words=next((one.text for one in found), ""),
    )


def _spoken(row: Exchange, sound: Sound, digest: str, path: str) -> SpokenUtterance:
    return SpokenUtterance(
        row.text.id,
        row.ended - row.due,
        0.0,
        sound.seconds,
        sound.rate,
        digest,
        path,
        chunks=tuple((when - row.due, seconds) for when, seconds in sound.chunks),
    )


def _with_length(row: Answer, usual: float | None) -> Answer:
    if not (row.spoken and usual):
        return row
    length = row.spoken.audio_seconds
    if max(length, usual) < OTHER_LENGTH * min(length, usual):
        return row
    words = row.words or f"is {length:.3g} s long instead of {usual:.3g}"
    return replace(row, defects=(*row.defects, "wrong-length"), words=words)
