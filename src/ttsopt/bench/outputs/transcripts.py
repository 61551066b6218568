"""Transcripts of both sides by a speech recogniser, and how far they are from the text that was to be spoken."""

from __future__ import annotations

import statistics
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ttsopt.bench.outputs.recogniser import Recogniser, Recording
from ttsopt.bench.outputs.samples import digest
from ttsopt.bench.stats.sequential import FALSE_ALARMS
from ttsopt.bench.stats.statistics import difference_estimate
from ttsopt.domain.language import recognised_language
from ttsopt.domain.measurement import Estimate, Interval, SpokenUtterance, Utterance, WorkerRound

POINTS = 100  # percentage points


@dataclass(frozen=True, slots=True)
class SpokenPair:
    """One text as both sides spoke it, in a round or request (1-based); `before` None: there is one side."""

    round: int
    text: Utterance
    before: SpokenUtterance | None
    after: SpokenUtterance

    @property
    def sides(self) -> tuple[SpokenUtterance, ...]:
        """Those that there are, the before side first."""
        return (self.before, self.after) if self.before else (self.after,)


@dataclass(frozen=True, slots=True)
class Transcript:
    """Transcripts of one text; of the character error rates 0 is the best, and above 1 much was added.

    `equal`: both sides gave the same bits, which were heard once. Of the before side, None: there is none.
    """

    id: str
    round: int
    text: str
    heard_before: str | None
    heard_after: str
    cer_before: float | None
    cer_after: float
    equal: bool = False


@dataclass(frozen=True, slots=True)
class ErrorRates:
    """Means of the character error rates over so many `texts`, in which each text counts once.

    `increase` is after - before, with its interval at 95 %, paired by text; `bounds` the same to judge by. Both
    are None where there is one side.
    """

    texts: int
    before: float | None
    after: float
    increase: Estimate | None = None
    bounds: Estimate | None = None

    @property
    def points(self) -> Estimate | None:
        """Return `bounds` in percentage points, in which a limit is given."""
        if self.bounds is None:
            return None
        low, high = POINTS * self.bounds.interval.low, POINTS * self.bounds.interval.high
        interval = Interval(low, high, self.bounds.interval.level)
        return replace(self.bounds, value=POINTS * self.bounds.value, interval=interval)


def pairs_of_rounds(
    before: Sequence[WorkerRound],
    after: Sequence[WorkerRound],
    texts: Callable[[int], Iterable[Utterance]],
) -> Iterator[SpokenPair]:
    """Yield the utterances of the first scenario of each round; `texts` gives those of a round (1-based)."""
    for number, (first, second) in enumerate(zip(before, after, strict=True), 1):
        old, new = ({row.id: row for row in side.utterances} for side in (first, second))
        for text in texts(number):
            if text.id in old and text.id in new:
                yield SpokenPair(number, text, old[text.id], new[text.id])


def transcribe(pairs: Iterable[SpokenPair], recogniser: Recogniser) -> tuple[Transcript, ...]:
    """Hear all that is sound and has a text with letters; equal sounds are heard once.

    Raises:
        CannotRunError: As `Recogniser.hear`.
    """
    wanted = [
        row for row in pairs if plain(row.text.text) and all(s.sample_rate for s in row.sides)
    ]
    keys = [[_key(row, side) for side in row.sides] for row in wanted]
    sounds = {key: _recording(row, side) for row, of_row in zip(wanted, keys, strict=True)
              for key, side in zip(of_row, row.sides, strict=True)}  # fmt: skip
    heard = dict(zip(sounds, recogniser.hear(list(sounds.values())) if sounds else (), strict=True))
    return tuple(
        _transcript(row, [heard[key] for key in of_row], equal=len({*of_row}) < len(of_row))
        for row, of_row in zip(wanted, keys, strict=True)
    )


def error_rates(rows: Sequence[Transcript]) -> ErrorRates | None:
    """Return what transcripts say together; None where nothing was heard.

    A text that was spoken several times counts once, by its means: its repetitions are not independent.
    """
    if not rows:
        return None
    texts: dict[str, list[Transcript]] = defaultdict(list)
    for row in rows:
        texts[row.text].append(row)
    after = [statistics.fmean(row.cer_after for row in same) for same in texts.values()]
    before = [_mean_before(same) for same in texts.values()]
    known = [rate for rate in before if rate is not None]
    if len(known) < len(before):
        return ErrorRates(len(texts), None, statistics.fmean(after))
    differences = [new - old for old, new in zip(known, after, strict=True)]
    # Of N characters without an error the next may be one: noise is taken to be no less, unless sounds are equal.
    characters = sum(len(plain(text)) for text in texts)
    least = 0.0 if all(row.equal for row in rows) else 1 / characters
    return ErrorRates(
        len(texts),
        statistics.fmean(known),
        statistics.fmean(after),
        difference_estimate(differences, least),
        difference_estimate(differences, least, 1 - FALSE_ALARMS),
    )


def character_error_rate(text: str, heard: str) -> float:
    """Characters substituted, deleted and inserted, per character of the text; ValueError where that has none.

    As the CER of seed-tts-eval, which leaves out punctuation too; here also what `plain` leaves out. Numbers are
    not spelt out: "3" heard as "three" is an error, on both sides alike.
    """
    wanted = plain(text)
    if not wanted:
        raise ValueError("a text without letters has no error rate")
    return _distance(wanted, plain(heard)) / len(wanted)


def plain(text: str) -> str:
    """Letters, digits and marks alone, in one form of width and case (NFKC, case folded)."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    kept = (char for char in folded if unicodedata.category(char)[0] in "LMN")
    return unicodedata.normalize("NFC", "".join(kept))


def _mean_before(rows: Sequence[Transcript]) -> float | None:
    rates = [row.cer_before for row in rows if row.cer_before is not None]
    return statistics.fmean(rates) if rates else None


def _key(pair: SpokenPair, side: SpokenUtterance) -> tuple[object, ...]:
    language = recognised_language(pair.text.text)
    return digest(Path(side.output_path)), side.sample_rate, language


def _recording(pair: SpokenPair, side: SpokenUtterance) -> Recording:
    return Recording(Path(side.output_path), side.sample_rate, recognised_language(pair.text.text))


def _transcript(pair: SpokenPair, heard: Sequence[str], *, equal: bool) -> Transcript:
    rates = [character_error_rate(pair.text.text, row) for row in heard]
    two = len(heard) > 1
    return Transcript(
        pair.text.id,
        pair.round,
        pair.text.text,
        heard[0] if two else None,
        heard[-1],
        rates[0] if two else None,
        rates[-1],
        equal,
    )


def _distance(a: str, b: str) -> int:
    """Levenshtein's, row by row."""
    row = list(range(len(b) + 1))
    for i, char in enumerate(a, start=1):
        above, row = row, [i]
        for j, other in enumerate(b):
            row.append(min(above[j] + (char != other), above[j + 1] + 1, row[j] + 1))
    return row[-1]
