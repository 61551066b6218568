"""How two outputs of one utterance differ, in plain arithmetic on arrays."""

from __future__ import annotations

import math
import operator
from array import array
from pathlib import Path

from ttsopt.bench.outputs import defects
from ttsopt.bench.outputs.defects import Finding
from ttsopt.bench.outputs.mel import Frames, MelDistance, frames_distance, mel_frames
from ttsopt.bench.outputs.samples import Values, pad, read_npy, write_wav
from ttsopt.bench.outputs.voice import voice_findings
from ttsopt.domain.measurement import OutputComparison, Side, SpokenUtterance, WorkerRound

# Waves of other lengths have their frames elsewhere: their distance frame by frame would say nothing.
ALIGNED = 0.05
OTHER_LENGTH = 2.0  # words are missing, or it did not end


def compare(
    before: SpokenUtterance, after: SpokenUtterance, *, lengths: bool = True
) -> OutputComparison:
    """One utterance: equality of bits, distance of waves, agreement of tokens, and what is wrong with either.

    `lengths`: half or twice the length of the other side is a defect.
    CannotRunError `bad-output` where a file is not what a worker writes.
    """
    a, b = read_npy(Path(before.output_path)), read_npy(Path(after.output_path))
    alike = a.typecode == b.typecode and before.sample_rate == after.sample_rate
    equal = alike and a.tobytes() == b.tobytes()
    tokens = before.sample_rate == 0 and after.sample_rate == 0
    waves = alike and not tokens and are_aligned(a, b)
    padded = pad(a, b) if waves else (a, b)
    differences = array("d", map(operator.sub, *reversed(padded))) if waves else array("d")
    frames, frames_after = (
        [] if equal else _frames(wave, row.sample_rate)
        for wave, row in zip(padded, (before, after), strict=True)
    )
    mel = _mel(a, frames, frames_after, before.sample_rate, equal=equal) if waves else None
    found = _findings(before, a, frames)
    found_after = found if equal else _findings(after, b, frames_after)
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
        new_defects=(
            *defects.new_defects(found, found_after),
            *(_lengths(before, a, after, b) if lengths else ()),
        ),
    )


def are_aligned(a: Values, b: Values) -> bool:
    """True if two waves can be compared frame by frame: their lengths differ by at most 5 % of the longer."""
    return abs(len(a) - len(b)) <= ALIGNED * max(len(a), len(b))


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


def _frames(wave: Values, rate: int) -> Frames:
    """The frames of log-mel; none of tokens, nor of a wave that is empty or not finite."""
    return list(mel_frames(wave, rate)) if rate and wave and _is_finite(wave) else []


def _is_finite(wave: Values) -> bool:
    return math.isfinite(sum(map(abs, wave)))


def _findings(spoken: SpokenUtterance, values: Values, frames: Frames) -> tuple[Finding, ...]:
    """Of equal waves there are no frames: neither side has what the other has not."""
    rate = spoken.sample_rate
    if not rate:
        return defects.token_findings(values)
    voice = voice_findings(values, rate, frames) if frames else ()
    return (*defects.wave_findings(values, rate), *voice)


def _lengths(
    before: SpokenUtterance, a: Values, after: SpokenUtterance, b: Values
) -> tuple[str, ...]:
    """True if one side is at least twice as long as the other, in seconds, or in tokens where both gave those."""
    unit = "s" if before.sample_rate else "tokens"
    long_before, long_after = len(a) / (before.sample_rate or 1), len(b) / (after.sample_rate or 1)
    alike = bool(before.sample_rate) == bool(after.sample_rate)
    if not alike or max(long_before, long_after) < OTHER_LENGTH * min(long_before, long_after):
        return ()
    return (f"is {long_after:.4g} {unit} long instead of {long_before:.4g}",) if a or b else ()


def _mel(
    wave: Values, before: Frames, after: Frames, rate: int, *, equal: bool
) -> MelDistance | None:
    """The distance of two waves of one length; None where they are empty or a value is not finite."""
    if equal:
        return MelDistance(0.0, 0.0) if wave and _is_finite(wave) else None
    return frames_distance(before, after, rate) if before and after else None


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
