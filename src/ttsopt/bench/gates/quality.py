"""What came out, against what the patches under test promise of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ttsopt.bench.result import BenchmarkResult
from ttsopt.domain.effect import Tolerance
from ttsopt.domain.measurement import GateResult, OutputComparison

# In its worst quarter of a second, a wave may be this many times as far off as over all: noise that is in all of
# it stays below (docs/benchmarking.md), damage in one place does not, and a mean over a long text would hide that.
WORST = 4.0


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
        different = [row for row in result.outputs if not row.equal]
        yield _promise(result, "equal bits", different, [f"{row.id} differs" for row in different])
    elif promised.close is not None:
        limit = promised.close
        outside = [row for row in result.outputs if not _admits(limit, row)]
        yield _promise(
            result, _asked(limit), outside, [f"{row.id}: {_far(row)}" for row in outside]
        )


def _promise(
    result: BenchmarkResult, asked: str, broken: Sequence[OutputComparison], how: Sequence[str]
) -> GateResult:
    """What differs counts against the patch only where each side repeats itself."""
    if not broken:
        return GateResult("quality", asked, "; ".join(_kept(result)), passed=True)
    what = "; ".join(how)
    if not any(_repeats(result, row) for row in broken):
        why = f"{what}, but was not seen to repeat on both sides"
        return GateResult("quality", asked, why, passed=None)
    return GateResult("quality", asked, what, passed=False)


def _asked(limit: Tolerance) -> str:
    return f"close: log-mel within {limit.mel_db:g} dB, {limit.tokens:.4g} of tokens"


def _kept(result: BenchmarkResult) -> list[str]:
    different = [row for row in result.outputs if not row.equal]
    return [f"{row.id}: {_far(row)}" for row in different] or ["equal bits"]


def _far(row: OutputComparison) -> str:
    if row.token_agreement is not None:
        return f"{row.token_agreement:.2%} of tokens agree"
    if row.mel_db is None or row.mel_db_worst is None:
        return f"nothing to compare frame by frame, duration x {row.duration_ratio:.4g}"
    return f"log-mel {row.mel_db:.3g} dB, in one place {row.mel_db_worst:.3g} dB"


def _repeats(result: BenchmarkResult, row: OutputComparison) -> bool:
    return all(side[row.id] is True for side in result.repeatable.values())


def _admits(limit: Tolerance, row: OutputComparison) -> bool:
    """Whether that is close; what could not be compared is not."""
    if row.equal:
        return True
    if row.token_agreement is not None:
        return row.token_agreement >= limit.tokens
    if row.mel_db is None or row.mel_db_worst is None:
        return False
    return row.mel_db <= limit.mel_db and row.mel_db_worst <= WORST * limit.mel_db
