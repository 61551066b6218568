"""Answers of both sides to the same requests, compared as the library benchmark compares outputs."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass

from ttsopt.bench.outputs.rounds import compare_pairs
from ttsopt.bench.outputs.transcripts import SpokenPair
from ttsopt.bench.serve.answers import Answer
from ttsopt.domain.measurement import OutputComparison, SpokenUtterance, Utterance

# A distance takes a second for each ten of speech: of those that differ, so many pairs, spread over all.
MOST_COMPARED = 20


@dataclass(frozen=True, slots=True)
class AnswerOutputs:
    """Outputs as the quality gate takes them (gates/quality.py), each of a request where that has a round.

    `pairs` are all answers of both sides to the same request; `outputs` have per text the worst of the
    `compared` ones. `own`: the before side against itself, where its requests were sent again.
    """

    pairs: tuple[SpokenPair, ...] = ()
    compared: int = 0
    outputs: tuple[OutputComparison, ...] = ()
    own: tuple[OutputComparison, ...] = ()
    random_weights: bool = False
    bad_audio: tuple[str, ...] = ()

    @property
    def order(self) -> Sized:
        """All requests."""
        return self.pairs

    @property
    def quality_unverified(self) -> bool:
        """True if outputs differ on random weights."""
        return self.random_weights and not all(row.equal for row in self.outputs)

    @property
    def equal(self) -> int:
        """Number of pairs that are the same bytes."""
        return sum(map(_is_equal, self.pairs))


def compare_answers(
    before: Iterable[Answer],
    after: Iterable[Answer],
    again: Iterable[Answer] = (),
    *,
    random_weights: bool = False,
) -> AnswerOutputs:
    """Compare what two sides answered to the same texts; `again` is what the before side answered once more.

    Raises:
        CannotRunError: `bad-output`: a file is gone.
    """
    old, new, repeated = list(before), list(after), list(again)
    pairs = tuple(pair_answers(old, new))
    chosen = _chosen(pairs)
    own = pair_answers(old, repeated)
    return AnswerOutputs(
        pairs,
        len(chosen),
        compare_pairs(_numbered(chosen)),
        compare_pairs(_numbered(row for row in own if _are_kept(row))),
        random_weights,
    )


def pair_answers(before: Iterable[Answer], after: Iterable[Answer]) -> Iterator[SpokenPair]:
    """Yield the answers with sound of both sides to the same text, the first with the first, and so on."""
    waiting: dict[tuple[str, str], list[SpokenUtterance | None]] = defaultdict(list)
    for row in before:
        waiting[row.id, row.text].append(row.spoken)
    for number, row in enumerate(after, 1):
        others = waiting[row.id, row.text]
        other = others.pop(0) if others else None
        if other and row.spoken:
            yield SpokenPair(number, Utterance(row.id, row.text), other, row.spoken)


def lone_answers(answers: Iterable[Answer]) -> Iterator[SpokenPair]:
    """Yield the answers of one side."""
    for number, row in enumerate(answers, 1):
        if row.spoken:
            yield SpokenPair(number, Utterance(row.id, row.text), None, row.spoken)


def _chosen(pairs: Sequence[SpokenPair]) -> list[SpokenPair]:
    """Choose some of the pairs that differ, and an equal one of each text that is the same on both sides."""
    kept = [row for row in pairs if _are_kept(row)]
    different = [row for row in kept if not _is_equal(row)]
    chosen = different[:: max(1, math.ceil(len(different) / MOST_COMPARED))]
    known = {row.text.id for row in different}
    equal = {row.text.id: row for row in reversed(kept) if row.text.id not in known}
    return [*chosen, *equal.values()]


def _numbered(
    pairs: Iterable[SpokenPair],
) -> Iterator[tuple[int, SpokenUtterance, SpokenUtterance]]:
    for row in pairs:
        if row.before:
            yield row.round, row.before, row.after


def _is_equal(row: SpokenPair) -> bool:
    return len({side.sha256 for side in row.sides}) == 1


def _are_kept(row: SpokenPair) -> bool:
    return all(side.output_path for side in row.sides)
