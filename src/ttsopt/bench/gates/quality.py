"""Output quality, against what the patches under test promise of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from ttsopt.bench.spec import HOT
from ttsopt.domain.effect import WORST_STRETCH, Tolerance
from ttsopt.domain.measurement import GateResult, OutputComparison

# Rounding makes no wave longer. Seconds of silence at an end are near in sound, and an RTF is per second of audio.
SAME_LENGTH = 0.01
# Of a patch that nobody speaks for. From here on frames cannot be compared either.
OWN_LENGTH = 0.05


@dataclass(frozen=True, slots=True)
class Promise:
    """Promise of the patches under test about the output, together.

    `exact` equal bits, `close` something within a tolerance, neither of them nothing. `unclaimed`: a patch of the
    user's own, of which nobody said what it does: not even that it may speak faster.
    """

    exact: bool = False
    close: Tolerance | None = None
    unclaimed: bool = False


def together(stated: Iterable[Tolerance]) -> Tolerance:
    """Return what patches in one run may do together: distances add up at most (triangle inequality)."""
    rows = tuple(stated)
    mel_db = sum(row.mel_db for row in rows)
    return Tolerance(mel_db, max(0.0, 1 - sum(1 - row.tokens for row in rows)))


class Outputs(Protocol):
    """The outputs of a run, as a `BenchmarkResult` has them; `order` has an entry for each round."""

    @property
    def outputs(self) -> Sequence[OutputComparison]: ...  # noqa: D102
    @property
    def own(self) -> Sequence[OutputComparison]: ...  # noqa: D102
    @property
    def bad_audio(self) -> Sequence[str]: ...  # noqa: D102
    @property
    def order(self) -> Sized: ...  # noqa: D102
    @property
    def quality_unverified(self) -> bool: ...  # noqa: D102


def judge_quality(result: Outputs, promised: Promise) -> Iterator[GateResult]:
    """Defects count whatever the patches promise; the rest is judged by the promise."""
    defects = [f"{row.id} {defect}" for row in result.outputs for defect in row.new_defects]
    if promised.unclaimed:
        defects += [_length(row) for row in result.outputs if _has_other_length(row, OWN_LENGTH)]
    found = tuple(dict.fromkeys((*result.bad_audio, *defects)))
    if found:
        yield GateResult("quality", "no new defect", "; ".join(found), passed=False)
    elif promised.exact:
        yield _judged(result, "equal bits", lambda row: row.equal)
    elif promised.close is not None:
        yield _judged(result, _asked(promised.close), partial(_is_close, promised.close))


Keeps = Callable[[OutputComparison], bool]


def _judged(result: Outputs, asked: str, keeps: Keeps) -> GateResult:
    """The worst of all rounds counts. What the before side breaks against itself nobody can be judged by."""
    broken = [row for row in result.outputs if not keeps(row)]
    if not broken:
        return _kept(result, asked)
    what = "; ".join(_where(row, result) for row in broken)
    steady = {row.id for row in result.own if keeps(row)}
    if any(row.id.removeprefix(f"{HOT}/") in steady for row in broken):
        return GateResult("quality", asked, what, passed=False)
    why = f"{what}, but the before side was not seen to repeat itself within that"
    return GateResult("quality", asked, why, passed=None)


def _kept(result: Outputs, asked: str) -> GateResult:
    different = [_where(row, result) for row in result.outputs if not row.equal]
    measured = "; ".join(different) or "equal bits"
    if result.quality_unverified:
        measured = f"{measured}; within tolerance on random weights, quality unverified"
    return GateResult("quality", asked, measured, True, unverified=result.quality_unverified)


def _asked(limit: Tolerance) -> str:
    return f"close: the same work, log-mel within {limit.mel_db:g} dB, {limit.tokens:.4g} of tokens"


def _where(row: OutputComparison, result: Outputs) -> str:
    return f"{row.id}, round {row.round} of {len(result.order)}: {_difference(row)}"


def _difference(row: OutputComparison) -> str:
    """Say what differs: the work, the length, then the sound or the tokens."""
    facts = [f"{', '.join(row.changed_work)}: lossy, not close"] if row.changed_work else []
    if _has_other_length(row):
        facts.append(f"duration x {row.duration_ratio:.4g}")
    if row.token_agreement is not None:
        facts.append(f"{row.token_agreement:.2%} of tokens agree")
    elif row.mel_db is None or row.mel_db_worst is None:
        facts.append("nothing to compare frame by frame")
    else:
        facts.append(f"log-mel {row.mel_db:.3g} dB, in one place {row.mel_db_worst:.3g} dB")
    if row.snr_db is not None:
        facts.append(f"SNR {row.snr_db:.1f} dB")
    return ", ".join(facts)


def _is_close(limit: Tolerance, row: OutputComparison) -> bool:
    """True if it is equal, or the same work within the tolerance; what could not be compared is not."""
    if row.equal:
        return True
    if row.changed_work or _has_other_length(row):
        return False
    if row.token_agreement is not None:
        return row.token_agreement >= limit.tokens
    if row.mel_db is None or row.mel_db_worst is None:
        return False
    return row.mel_db <= limit.mel_db and row.mel_db_worst <= WORST_STRETCH * limit.mel_db


def _has_other_length(row: OutputComparison, allowed: float = SAME_LENGTH) -> bool:
    return abs(row.duration_ratio - 1) > allowed


def _length(row: OutputComparison) -> str:
    return f"{row.id} is {row.duration_ratio:.4g} times as long; --effect lossy if that is what the patch is for"
