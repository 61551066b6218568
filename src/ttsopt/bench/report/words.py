"""Figures of the JSON as text: one format for every form of a report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MIB = 1024 * 1024
TELLS_NOTHING = 1000  # times its lower end: what the upper one of few uneven rounds may be
OUTPUTS = (
    ("token_agreement", "{:.1%} of tokens equal", min),
    ("mel_db", "log-mel {:.2f} dB", max),
    ("snr_db", "SNR {:.1f} dB", min),
)


def interval(ends: tuple[float, float | None], digits: int = 3) -> str:
    """Both ends; `?` where there is none, or one so far off that it tells nothing."""
    low, high = ends
    high = None if high is not None and high > TELLS_NOTHING * low else high
    return f"{low:.{digits}f} to {'?' if high is None else f'{high:.{digits}f}'}"


def ratio(estimate: Mapping[str, Any], *, rounds: bool = False) -> str:
    """A ratio with its interval, and the rounds that it comes from."""
    count = f", {estimate['rounds']} rounds" if rounds else ""
    return f"{estimate['value']:.3f}x ({estimate['level']:.0%}: {interval(estimate['interval'])}{count})"


def quotient(before: float | None, after: float | None) -> str:
    """Before over after: above 1 the after side takes less."""
    return f"{before / after:.3f}x" if before and after else ""


def mib(size: int | None) -> str:
    """Bytes in MiB."""
    return f"{size / MIB:.0f}" if size else "unknown"


def seconds(value: float | None) -> str:
    """Seconds, nothing where unknown."""
    return "" if value is None else f"{value:.3f}"


def percentiles(by_percent: Mapping[int, float] | None, *percents: int) -> str:
    """Some of them, with commas between."""
    return ", ".join(f"{by_percent[one]:.3f}" for one in percents) if by_percent else ""


def arrow(before: str, after: str) -> str:
    """Both sides of a figure."""
    return f"{before} → {after}"


def output_words(result: Mapping[str, Any]) -> str:
    """The worst of all utterances, in work, sound and defects."""
    different = [output for output in result["outputs"] if not output["equal"]]
    if not different:
        return "equal bits"
    facts = list(dict.fromkeys(work for output in different for work in output["changed_work"]))
    for key, words, worst in OUTPUTS:
        known = [output[key] for output in different if output[key] is not None]
        facts += [words.format(worst(known))] if known else []
    facts += [defect for output in different for defect in output["new_defects"]]
    facts += ["quality unverified"] * result["quality_unverified"]
    return ", ".join(facts) or "different"
