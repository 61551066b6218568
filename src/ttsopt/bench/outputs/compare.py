"""How what came out of the two sides differs, in plain arithmetic on arrays."""

from __future__ import annotations

import math
import operator
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ttsopt.bench.outputs import defects
from ttsopt.bench.outputs.mel import MelDistance, mel_distance
from ttsopt.bench.outputs.samples import Values, read_npy, write_wav
from ttsopt.bench.spec import HOT, REPEAT
from ttsopt.domain.measurement import OutputComparison, Side, SpokenUtterance, WorkerRound

# Waves of other lengths have their frames elsewhere: their distance frame by frame would say nothing.
ALIGNED = 0.05
OTHER_LENGTH = 2.0  # words are missing, or it did not end


def compare_rounds(before: WorkerRound, after: WorkerRound) -> tuple[OutputComparison, ...]:
    """The utterances of one round of either side, compared by id; `hot/<id>` is what was said again."""
    others = _judged(after)
    return tuple(
        replace(compare(row, others[id_]), id=id_)
        for id_, row in _judged(before).items()
        if id_ in others
    )


def _judged(round_: WorkerRound) -> dict[str, SpokenUtterance]:
    """A kept value may be a wrong one: what was said again is compared as well."""
    hot = round_.further.get(HOT)
    again = {f"{HOT}/{row.id}": row for row in hot.utterances} if hot else {}
    return {row.id: row for row in round_.utterances} | again


def compare(before: SpokenUtterance, after: SpokenUtterance) -> OutputComparison:
    """One utterance: equality of bits, distance of waves, agreement of tokens, and what is wrong with either.

    CannotRunError `bad-output` where a file is not what a worker writes.
    """
    a, b = read_npy(Path(before.output_path)), read_npy(Path(after.output_path))
    alike = a.typecode == b.typecode and before.sample_rate == after.sample_rate
    equal = alike and a.tobytes() == b.tobytes()
    tokens = before.sample_rate == 0 and after.sample_rate == 0
    waves = alike and not tokens and len(a) == len(b)
    differences = array("d", map(operator.sub, b, a)) if waves else array("d")
    mel = _mel(a, b, before.sample_rate, equal=equal) if alike and not tokens else None
    found = _findings(before, a)
    found_after = found if equal else _findings(after, b)
    return OutputComparison(
        id=before.id,
        equal=equal,
        duration_ratio=after.audio_seconds / before.audio_seconds,
        snr_db=_snr_db(a, differences) if waves else None,
        max_difference=_largest(differences) if waves else None,
        token_agreement=_agreement(a, b) if tokens else None,
        mel_db=mel.mean_db if mel else None,
        mel_db_worst=mel.worst_db if mel else None,
        defects_before=defects.defects(found),
        defects_after=defects.defects(found_after),
        new_defects=(*defects.new_defects(found, found_after), *_lengths(before, a, after, b)),
    )


def repeatable(rounds: Sequence[WorkerRound]) -> Mapping[str, bool | None]:
    """Per utterance id, True if round 2, saying the texts of round 1 again, gave its bits; None: not said again.

    Each round has texts of its own, so that nothing else can be compared between rounds.
    """
    first, *others = rounds
    again = next((row.further[REPEAT] for row in others if REPEAT in row.further), None)
    said = {row.id: row.sha256 for row in again.utterances} if again else {}
    return {
        id_: said[row.id] == row.sha256 if row.id in said else None
        for id_, row in _judged(first).items()
    }


def save_audio(round_: WorkerRound, side: Side, folder: Path) -> tuple[Path, ...]:
    """Write `<id>.<side>.wav` for each utterance that is sound; the files written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for row in round_.utterances:
        if row.sample_rate:
            path = folder / f"{row.id}.{side.value}.wav"
            write_wav(path, read_npy(Path(row.output_path)), row.sample_rate)
            written.append(path)
    return tuple(written)


def _findings(spoken: SpokenUtterance, values: Values) -> tuple[defects.Finding, ...]:
    rate = spoken.sample_rate
    return defects.wave_findings(values, rate) if rate else defects.token_findings(values)


def _lengths(
    before: SpokenUtterance, a: Values, after: SpokenUtterance, b: Values
) -> tuple[str, ...]:
    """Whether one side is at least twice as long as the other, in seconds, or in tokens where both gave those."""
    unit = "s" if before.sample_rate else "tokens"
    long_before, long_after = len(a) / (before.sample_rate or 1), len(b) / (after.sample_rate or 1)
    alike = bool(before.sample_rate) == bool(after.sample_rate)
    if not alike or max(long_before, long_after) < OTHER_LENGTH * min(long_before, long_after):
        return ()
    return (f"is {long_after:.4g} {unit} long instead of {long_before:.4g}",) if a or b else ()


def _mel(a: Values, b: Values, rate: int, *, equal: bool) -> MelDistance | None:
    """None where the lengths differ by more than 5 % of the longer, or a value is not finite."""
    if abs(len(a) - len(b)) > ALIGNED * max(len(a), len(b)):
        return None
    if not (a and b and math.isfinite(sum(map(abs, a)) + sum(map(abs, b)))):
        return None
    return MelDistance(0.0, 0.0) if equal else mel_distance(a, b, rate)


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
