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
from ttsopt.bench.spec import HOT
from ttsopt.domain.effect import WORST_STRETCH
from ttsopt.domain.measurement import OutputComparison, SpokenUtterance, WorkerRound

Pair = tuple[SpokenUtterance, SpokenUtterance]


def compare_rounds(
    before: Sequence[WorkerRound], after: Sequence[WorkerRound], first_round: int = 1
) -> tuple[OutputComparison, ...]:
    """Return per utterance the worst of all rounds, each figure by itself; `hot/<id>` is what was said again.

    `round` is that of the worst. CannotRunError `bad-output` where a file is not what a worker writes.
    """
    rows: dict[str, list[tuple[int, Pair]]] = {}
    for number, (first, second) in enumerate(zip(before, after, strict=True), start=first_round):
        others = _spoken(second)
        for id_, row in _spoken(first).items():
            if id_ in others:
                rows.setdefault(id_, []).append((number, (row, others[id_])))
    return tuple(_worst(list(_compared(id_, numbered))) for id_, numbered in rows.items())


def own_differences(rounds: Sequence[WorkerRound]) -> tuple[OutputComparison, ...]:
    """Return how far a side's later rounds are from its first one, as `compare_rounds`; nothing of one round."""
    first, *later = rounds
    return compare_rounds([first] * len(later), later, first_round=2)


def repeatable(rounds: Sequence[WorkerRound]) -> Mapping[str, bool | None]:
    """Per utterance id, True if every round gave the same bits by the same work; None after one round only."""
    seen: dict[str, list[object]] = {}
    for round_ in rounds:
        for id_, row in _spoken(round_).items():
            work = {name: count for name, count in row.counters.items() if is_work(name)}
            seen.setdefault(id_, []).append((digest(Path(row.output_path)), work))
    return {
        id_: all(row == rows[0] for row in rows) if len(rows) > 1 else None
        for id_, rows in seen.items()
    }


def _spoken(round_: WorkerRound) -> dict[str, SpokenUtterance]:
    """What is compared: the first scenario, and what was said again, for a cached value may be a wrong one."""
    hot = round_.further.get(HOT)
    again = {f"{HOT}/{row.id}": row for row in hot.utterances} if hot else {}
    return {
        row.id: row if round_.whole is None else _at_once(row) for row in round_.utterances
    } | again


def _at_once(row: SpokenUtterance) -> SpokenUtterance:
    """What a call counted while others ran beside it is not its own."""
    return replace(row, counters={})


def _compared(id_: str, pairs: Sequence[tuple[int, Pair]]) -> Iterable[OutputComparison]:
    known: dict[tuple[object, ...], OutputComparison] = {}
    for number, pair in pairs:
        key = tuple((digest(Path(row.output_path)), row.sample_rate) for row in pair)
        if key not in known:
            known[key] = compare(*pair)
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
