"""What came out, against what the patches under test promise of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from ttsopt.bench.result import BenchmarkResult
from ttsopt.domain.effect import WORST_STRETCH, Tolerance
from ttsopt.domain.measurement import GateResult, OutputComparison


@dataclass(frozen=True, slots=True)
class Promise:
    """What the patches under test promise of what comes out, together.

    `exact` equal bits, `close` something within a tolerance, neither of them nothing.
    """

    exact: bool = False
    close: Tolerance | None = None


def together(stated: Iterable[Tolerance]) -> Tolerance:
    """What patches in one run may do together: distances add up at most (triangle inequality)."""
    rows = tuple(stated)
    mel_db = sum(row.mel_db for row in rows)
    return Tolerance(mel_db, max(0.0, 1 - sum(1 - row.tokens for row in rows)))


def judge_quality(result: BenchmarkResult, promised: Promise) -> Iterator[GateResult]:
    """Defects count whatever the patches promise; the rest is judged by the promise."""
    defects = [f"{row.id} {defect}" for row in result.outputs for defect in row.new_defects]
    found = tuple(dict.fromkeys((*result.bad_audio, *defects)))
    if found:
        yield GateResult("quality", "no new defect", "; ".join(found), passed=False)
    elif promised.exact:
        yield _judged(result, "equal bits", lambda row: row.equal)
    elif promised.close is not None:
        yield _judged(result, _asked(promised.close), partial(_is_close, promised.close))


Keeps = Callable[[OutputComparison], bool]


def _judged(result: BenchmarkResult, asked: str, keeps: Keeps) -> GateResult:
    """The worst of all rounds counts. What the before side breaks against itself nobody can be judged by."""
    broken = [row for row in result.outputs if not keeps(row)]
    if not broken:
        return GateResult("quality", asked, "; ".join(_kept(result)), passed=True)
    what = "; ".join(_where(row, len(result.order)) for row in broken)
    own = {row.id: row for row in result.own}
    if any(row.id in own and keeps(own[row.id]) for row in broken):
        return GateResult("quality", asked, what, passed=False)
    why = f"{what}, but the before side was not seen to repeat itself within that"
    return GateResult("quality", asked, why, passed=None)


def _asked(limit: Tolerance) -> str:
    return f"close: log-mel within {limit.mel_db:g} dB, {limit.tokens:.4g} of tokens"


def _kept(result: BenchmarkResult) -> list[str]:
    different = [row for row in result.outputs if not row.equal]
    return [_where(row, len(result.order)) for row in different] or ["equal bits"]


def _where(row: OutputComparison, rounds: int) -> str:
    return f"{row.id}, round {row.round} of {rounds}: {_how_far(row)}"


def _how_far(row: OutputComparison) -> str:
    """Say what differs: the work first, then the sound."""
    if row.token_agreement is not None:
        far = f"{row.token_agreement:.2%} of tokens agree"
    elif row.mel_db is None or row.mel_db_worst is None:
        far = f"nothing to compare frame by frame, duration x {row.duration_ratio:.4g}"
    else:
        far = f"log-mel {row.mel_db:.3g} dB, in one place {row.mel_db_worst:.3g} dB"
        far += "" if row.snr_db is None else f", SNR {row.snr_db:.1f} dB"
    return far


def _is_close(limit: Tolerance, row: OutputComparison) -> bool:
    """True if a difference is within the tolerance; what could not be compared is not."""
    if row.equal:
        return True
    if row.token_agreement is not None:
        return row.token_agreement >= limit.tokens
    if row.mel_db is None or row.mel_db_worst is None:
        return False
    return row.mel_db <= limit.mel_db and row.mel_db_worst <= WORST_STRETCH * limit.mel_db
