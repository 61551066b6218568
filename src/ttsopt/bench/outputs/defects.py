"""Defects of a wave or of tokens by themselves: no ear, and no other side, is needed to tell."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import eq, itemgetter, mul

from ttsopt.bench.outputs.samples import Values

# A defect counts against the after side where it has at least twice as much of it: both sides near a limit are no
# difference between them.
WORSE = 2.0

SHORTEST_SECONDS = 0.1  # a syllable takes longer
SILENT_SECONDS = 1.0  # a pause between sentences takes less
SILENT_SHARE = 0.5
BLOCK_SECONDS = 0.01
# Silent: it varies by less than one step of 16-bit PCM, or by 60 dB less than the whole wave does.
QUIET, QUIET_SHARE = 2.0**-15, 1e-3
FULL_SCALE = 0.999  # what 16-bit PCM holds, less the rounding of a limiter
CLIPPED_SHARE = 0.001
DC_SHARE = 0.5
# Of tokens: a pattern of up to 64, repeated at least 4 times, over a quarter of all and no fewer than 20: a pause
# in speech, which is one token over and over, is none.
LONGEST_PATTERN, REPEATS, LOOP_TOKENS, LOOP_SHARE = 64, 4, 20, 0.25


@dataclass(frozen=True, slots=True)
class Finding:
    """How much there is of something that is a defect from `limit` on; `text` says it after the name of a wave."""

    kind: str
    amount: float
    limit: float
    text: str

    @property
    def is_defect(self) -> bool:
        """True if there is too much of it."""
        return self.amount >= self.limit


def wave_findings(samples: Values, rate: int) -> tuple[Finding, ...]:
    """Return the defects of a wave of `rate` Hz; of one that is not finite, nothing else."""
    finite = sum(map(math.isfinite, samples))
    if finite < len(samples):
        share = 1 - finite / len(samples)
        return (Finding("not-finite", share, 0.0, "holds values that are not finite"),)
    if not samples:
        return (Finding("empty", 1.0, 1.0, "holds no sample"),)
    short = _short(len(samples) / rate)
    return short, _silence(samples, rate), _clipping(samples), _dc(samples)


def token_findings(tokens: Values) -> tuple[Finding, ...]:
    """Return the defects of tokens: whether there are any, and whether they go round in circles."""
    if not tokens:
        return (Finding("empty", 1.0, 1.0, "holds no token"),)
    length, period = max(_loops(tokens), key=itemgetter(0), default=(0, 1))
    text = f"loops: {length} of {len(tokens)} tokens repeat a pattern of {period}"
    return (Finding("loop", length / len(tokens), LOOP_SHARE, text),)


def defects(found: Sequence[Finding]) -> tuple[str, ...]:
    """A sentence for each defect."""
    return tuple(row.text for row in found if row.is_defect)


def new_defects(before: Sequence[Finding], after: Sequence[Finding]) -> tuple[str, ...]:
    """A sentence for each defect that the after side has, and the before side less than half as much of."""
    amounts = {row.kind: row.amount for row in before}
    worse = (row for row in after if row.amount >= WORSE * amounts.get(row.kind, 0.0))
    return defects(tuple(worse))


def _short(seconds: float) -> Finding:
    return Finding("short", SHORTEST_SECONDS / seconds, 1.0, f"is only {seconds:.3g} s long")


def _silence(samples: Values, rate: int) -> Finding:
    """The longest stretch of 10 ms blocks in which nothing moves."""
    size = max(1, round(rate * BLOCK_SECONDS))
    quiet = max(QUIET, QUIET_SHARE * _range(samples))
    starts = range(0, len(samples), size)
    is_silent = (_range(samples[i : i + size]) < quiet for i in starts)
    longest = max((len(list(run)) for silent, run in groupby(is_silent) if silent), default=0)
    whole = len(samples) / rate
    seconds = min(longest * size / rate, whole)
    limit = min(SILENT_SECONDS, SILENT_SHARE * whole)
    return Finding("silence", seconds, limit, f"is silent for {seconds:.3g} of {whole:.3g} s")


def _range(samples: Values) -> float:
    return max(samples) - min(samples)


def _clipping(samples: Values) -> Finding:
    share = sum(map(FULL_SCALE.__le__, map(abs, samples))) / len(samples)
    return Finding("clipping", share, CLIPPED_SHARE, f"clips: {share:.2%} of samples at full scale")


def _dc(samples: Values) -> Finding:
    """The share of the power that no loudspeaker makes audible."""
    total = sum(map(mul, samples, samples))
    share = sum(samples) ** 2 / len(samples) / total if total else 0.0
    return Finding("dc", share, DC_SHARE, f"is mostly a constant: {share:.0%} of its power is DC")


def _loops(tokens: Values) -> Iterator[tuple[int, int]]:
    """For each length of pattern that repeats, how many tokens its longest repetition covers, and it."""
    for period in range(1, min(LONGEST_PATTERN, len(tokens) // REPEATS) + 1):
        same = map(eq, tokens, tokens[period:])
        longest = max((len(list(run)) for is_same, run in groupby(same) if is_same), default=0)
        covered = longest + period
        if covered >= max(LOOP_TOKENS, REPEATS * period):
            yield covered, period
