"""A result as Markdown, for `--report`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ttsopt.bench.result import BenchmarkResult
from ttsopt.domain.measurement import Estimate, GateResult, OutputComparison, Side, WorkerRound

WORDS = {True: "passed", False: "failed", None: "undecided"}
MIB = 1024 * 1024


def report_markdown(result: BenchmarkResult, gates: Sequence[GateResult] = ()) -> str:
    """A table of both sides, then what came out, the gates, and what the figures do not say."""
    parts = [
        [_headline(result)],
        _table(result),
        ["What came out:", "", *(f"- {_output(row)}" for row in result.outputs)],
        [f"- gate {row.name}: {WORDS[row.passed]}, {row.asked}; {row.measured}" for row in gates],
        [f"- {row}" for row in _limits(result)],
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _headline(result: BenchmarkResult) -> str:
    figure = _bounds(result.speedup)
    return f"**{result.verdict.value}**: speedup {figure}, {len(result.order)} rounds"


def _table(result: BenchmarkResult) -> list[str]:
    rows = [
        _row("RTF", *(_bounds(result.rtf[side]) for side in Side)),
        _row("RTFx", *(f"{1 / result.rtf[side].value:.4g}" for side in Side)),
        _row(
            "CPU seconds",
            *(_seconds(row.cpu_seconds for row in result.rounds(side)) for side in Side),
        ),
        _row(
            "load seconds",
            *(_seconds(row.load_seconds for row in result.rounds(side)) for side in Side),
        ),
        _row("peak memory, MiB", *(_memory(result.rounds(side)) for side in Side)),
        *(_row(name, *values) for name, *values in _counters(result)),
    ]
    return [_row("", "before", "after"), _row("---", "---:", "---:"), *rows]


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _bounds(row: Estimate) -> str:
    low, high = row.interval.low, row.interval.high
    return f"{row.value:.4g} ({row.interval.level:.0%}: {low:.4g} to {high:.4g})"


def _seconds(values: Iterable[float]) -> str:
    ordered = sorted(values)
    return f"{ordered[0]:.3g} to {ordered[-1]:.3g}"


def _memory(rounds: Sequence[WorkerRound]) -> str:
    peak = max(row.peak_rss_bytes for row in rounds)
    return f"{peak / MIB:.0f}" if peak else "unknown"


def _counters(result: BenchmarkResult) -> Iterable[tuple[str, ...]]:
    """What the workload counted, over the utterances of each side's first round."""
    first = [result.rounds(side)[0].utterances for side in Side]
    names = dict.fromkeys(name for rows in first for row in rows for name in row.counters)
    for name in names:
        sums = (sum(row.counters.get(name, 0) for row in rows) for rows in first)
        yield (name.replace("_", " "), *(f"{value:.4g}" for value in sums))


def _output(row: OutputComparison) -> str:
    if row.equal:
        return f"{row.id}: equal bits"
    facts = [f"duration x {row.duration_ratio:.4g}"]
    if row.token_agreement is not None:
        facts.append(f"{row.token_agreement:.1%} of tokens equal")
    if row.snr_db is not None:
        facts.append(f"SNR {row.snr_db:.1f} dB")
    if row.mel_db is not None:
        facts.append(f"log-mel {row.mel_db:.2f} dB")
    if row.max_difference is not None:
        facts.append(f"largest difference {row.max_difference:.3g}")
    return f"{row.id}: different; " + ", ".join(facts)


def _limits(result: BenchmarkResult) -> list[str]:
    rows = [f"not exercised: no edit of {patch} ran" for patch in result.never_run]
    rows += [f"after side: {row}" for row in result.bad_audio]
    rows += [f"new after: {row.id} {fault}" for row in result.outputs for fault in row.new_faults]
    if result.interrupted:
        rows.append(f"interrupted after {len(result.order)} rounds")
    if result.failure:
        rows.append(f"failed after {len(result.order)} rounds: {result.failure.message}")
    return rows + [f"stand-in: {row}" for row in result.stands_in]
