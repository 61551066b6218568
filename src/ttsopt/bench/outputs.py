"""How what came out of the two sides differs, in plain arithmetic on arrays."""

from __future__ import annotations

import math
import operator
from array import array
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from ttsopt.bench.samples import read_npy, write_wav
from ttsopt.domain.measurement import OutputComparison, SpokenUtterance, WorkerRound

Values: TypeAlias = "array[float] | array[int]"


def compare_rounds(before: WorkerRound, after: WorkerRound) -> tuple[OutputComparison, ...]:
    """The utterances of one round of either side, compared by id."""
    others = {row.id: row for row in after.utterances}
    return tuple(compare(row, others[row.id]) for row in before.utterances if row.id in others)


def compare(before: SpokenUtterance, after: SpokenUtterance) -> OutputComparison:
    """One utterance: equality of bits, distance of waves of one length, agreement of tokens.

    CannotRunError `bad-output` where a file is not what a worker writes.
    """
    a, b = read_npy(Path(before.output_path)), read_npy(Path(after.output_path))
    alike = a.typecode == b.typecode and before.sample_rate == after.sample_rate
    tokens = before.sample_rate == 0 and after.sample_rate == 0
    waves = alike and not tokens and len(a) == len(b)
    differences = array("d", map(operator.sub, b, a)) if waves else array("d")
    return OutputComparison(
        id=before.id,
        equal=alike and a.tobytes() == b.tobytes(),
        duration_ratio=after.audio_seconds / before.audio_seconds,
        snr_db=_snr_db(a, differences) if waves else None,
        max_difference=_largest(differences) if waves else None,
        token_agreement=_agreement(a, b) if tokens else None,
    )


def repeatable(rounds: Sequence[WorkerRound]) -> Mapping[str, bool | None]:
    """Per utterance id, whether every round gave the same bits; None after one round only."""
    seen: dict[str, list[str]] = {}
    for row in rounds:
        for utterance in row.utterances:
            seen.setdefault(utterance.id, []).append(utterance.sha256)
    return {id_: len(set(rows)) == 1 if len(rows) > 1 else None for id_, rows in seen.items()}


def save_audio(round_: WorkerRound, folder: Path) -> tuple[Path, ...]:
    """Write `<id>.<side>.wav` for each utterance that is sound; the files written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for row in round_.utterances:
        if row.sample_rate:
            path = folder / f"{row.id}.{round_.side.value}.wav"
            write_wav(path, read_npy(Path(row.output_path)), row.sample_rate)
            written.append(path)
    return tuple(written)


def _snr_db(signal: Values, noise: array[float]) -> float | None:
    """Power of the signal over power of the noise; None where a value is not finite."""
    signal_power, noise_power = _energy(signal), _energy(noise)
    if not math.isfinite(signal_power + noise_power):
        return None
    if noise_power == 0:
        return math.inf
    return 10 * math.log10(signal_power / noise_power) if signal_power else -math.inf


def _energy(values: Values) -> float:
    return float(sum(map(operator.mul, values, values)))


def _largest(differences: array[float]) -> float | None:
    if not math.isfinite(sum(differences)):
        return None
    return max(map(abs, differences), default=0.0)


def _agreement(a: Values, b: Values) -> float:
    """Share of equal tokens, position by position, of the longer sequence."""
    longer = max(len(a), len(b))
    return sum(map(operator.eq, a, b)) / longer if longer else 1.0
