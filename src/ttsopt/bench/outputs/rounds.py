"""The outputs of every round: against the other side in the same round, and against the side's own first round.

Arrays are compared in full once for each pair of contents; equal hashes are skipped. Hashes are taken of the
files, two of which are in memory at a time, and not believed of the worker, which runs beside the code under test.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from ttsopt.bench.outputs.compare import compare
from ttsopt.bench.outputs.samples import digest
from ttsopt.bench.outputs.work import changed_work, is_work
from ttsopt.bench.spec import HOT, REPEAT
from ttsopt.domain.effect import WORST_STRETCH
from ttsopt.domain.measurement import OutputComparison, SpokenScenario, SpokenUtterance, WorkerRound

Pair = tuple[SpokenUtterance, SpokenUtterance]
Spoken = Mapping[str, SpokenUtterance]


def compare_rounds(
    before: Sequence[WorkerRound], after: Sequence[WorkerRound]
) -> tuple[OutputComparison, ...]:
    """Return per utterance the worst of all rounds, each figure by itself; `hot/<id>` is what was said again.

    `round` is that of the worst. CannotRunError `bad-output` where a file is not what a worker writes.
    """
    sides = zip(before, after, strict=True)
    return _worst_of((number, _spoken(a), _spoken(b)) for number, (a, b) in enumerate(sides, 1))


def compare_pairs(
    pairs: Iterable[tuple[int, SpokenUtterance, SpokenUtterance]],
) -> tuple[OutputComparison, ...]:
    """Return the same of numbered pairs of one id each, whose lengths somebody else judges."""
    return _worst_of(((number, {a.id: a}, {b.id: b}) for number, a, b in pairs), lengths=False)


def own_differences(rounds: Sequence[WorkerRound]) -> tuple[OutputComparison, ...]:
    """Return how far a side is from its own first round, as `compare_rounds`; nothing of one round."""
    first = _spoken(rounds[0])
    return _worst_of((number, first, again) for number, again in _again(rounds))


def repeatable(rounds: Sequence[WorkerRound]) -> Mapping[str, bool | None]:
    """Per utterance id, True if it gave the same bits by the same work again; None if it was not said again."""
    others = [spoken for _, spoken in _again(rounds)]
    return {
        id_: _repeats(row, [spoken[id_] for spoken in others if id_ in spoken])
        for id_, row in _spoken(rounds[0]).items()
    }


def _repeats(first: SpokenUtterance, again: Sequence[SpokenUtterance]) -> bool | None:
    content = _content(first)
    return all(_content(row) == content for row in again) if again else None


def _content(row: SpokenUtterance) -> object:
    """Return what has to be the same of an utterance said twice: its bits and its work."""
    work = {name: count for name, count in row.counters.items() if is_work(name)}
    return digest(Path(row.output_path)), row.sample_rate, work


def _again(rounds: Sequence[WorkerRound]) -> list[tuple[int, Spoken]]:
    """Return what later rounds (1-based) say again of round 1: a scenario for that, or else all that they say."""
    later = list(enumerate(rounds, start=1))[1:]
    repeated = [
        (number, _by_id(row.further[REPEAT])) for number, row in later if REPEAT in row.further
    ]
    return repeated or [(number, _spoken(row)) for number, row in later]


def _spoken(round_: WorkerRound) -> Spoken:
    """Return what is compared: the first scenario, and what was said again, for a cached value may be wrong."""
    hot = _by_id(round_.further[HOT]) if HOT in round_.further else {}
    return {**_by_id(round_), **{f"{HOT}/{id_}": row for id_, row in hot.items()}}


def _by_id(scenario: SpokenScenario) -> Spoken:
    """Leave out counters of calls that ran beside others: those are not their own."""
    if scenario.whole is not None:
        return {row.id: replace(row, counters={}) for row in scenario.utterances}
    return {row.id: row for row in scenario.utterances}


def _worst_of(
    rounds: Iterable[tuple[int, Spoken, Spoken]], *, lengths: bool = True
) -> tuple[OutputComparison, ...]:
    pairs: dict[str, list[tuple[int, Pair]]] = {}
    for number, before, after in rounds:
        for id_ in before:
            if id_ in after:
                pairs.setdefault(id_, []).append((number, (before[id_], after[id_])))
    return tuple(
        _worst(list(_compared(id_, numbered, lengths=lengths))) for id_, numbered in pairs.items()
    )


def _compared(
    id_: str, pairs: Sequence[tuple[int, Pair]], *, lengths: bool
) -> Iterable[OutputComparison]:
    known: dict[tuple[object, ...], OutputComparison] = {}
    for number, pair in pairs:
        key = tuple((digest(Path(row.output_path)), row.sample_rate) for row in pair)
        if key not in known:
            known[key] = compare(*pair, lengths=lengths)
        work = changed_work(*(row.counters for row in pair))
        yield replace(known[key], id=id_, round=number, changed_work=work)


def _worst(rows: Sequence[OutputComparison]) -> OutputComparison:
    """Of each figure the worst, so that a limit on any of them holds in every round where it holds here."""
    return replace(
        max(rows, key=_severity),
        equal=all(row.equal for row in rows),
        duration_ratio=max((row.duration_ratio for row in rows), key=_off),
        snr_db=_most(min, [row.snr_db for row in rows]),
        max_difference=_most(max, [row.max_difference for row in rows]),
        token_agreement=_most(min, [row.token_agreement for row in rows]),
        mel_db=_most(max, [row.mel_db for row in rows]),
        mel_db_worst=_most(max, [row.mel_db_worst for row in rows]),
        defects_before=_union(row.defects_before for row in rows),
        defects_after=_union(row.defects_after for row in rows),
        new_defects=_union(row.new_defects for row in rows),
        changed_work=_union(row.changed_work for row in rows),
    )


def _severity(row: OutputComparison) -> tuple[float, ...]:
    return (
        bool(row.new_defects),
        bool(row.changed_work),
        not row.equal,
        _distance(row),
        _off(row.duration_ratio),
    )


def _distance(row: OutputComparison) -> float:
    """Within the units of a tolerance: what cannot be compared is infinitely far."""
    if row.equal:
        return 0.0
    if row.token_agreement is not None:
        return 1 - row.token_agreement
    if row.mel_db is None or row.mel_db_worst is None:
        return math.inf
    return max(row.mel_db, row.mel_db_worst / WORST_STRETCH)


def _off(ratio: float) -> float:
    return abs(math.log(ratio))


def _most(pick: Callable[[list[float]], float], values: Sequence[float | None]) -> float | None:
    """None where it is not known of one."""
    known = [value for value in values if value is not None]
    return pick(known) if len(known) == len(values) else None


def _union(rows: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(rows)))
