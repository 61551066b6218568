"""A result as Markdown, for `--report`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ttsopt.bench.report.figures import per_call
from ttsopt.bench.report.scenarios import ScenarioResult, hot_scenario, level_scenarios
from ttsopt.bench.result import BenchmarkResult
from ttsopt.bench.stats.statistics import geometric_estimate
from ttsopt.boundary.escape import markdown
from ttsopt.domain.measurement import Estimate, GateResult, OutputComparison, Side, WorkerRound

MIB = 1024 * 1024


def report_markdown(result: BenchmarkResult, gates: Sequence[GateResult] = ()) -> str:
    """A table of both sides, then what came out, the gates, and what the figures do not say."""
    parts = [
        [_headline(result)],
        _table(result),
        _scenarios(result),
        ["What came out:", "", *(f"- {markdown(_output(row))}" for row in result.outputs)],
        [f"- gate {markdown(_gate(row))}" for row in gates],
        [f"- {markdown(row)}" for row in _limits(result)],
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _gate(row: GateResult) -> str:
    return f"{row.name}: {row.outcome}, {row.asked}; {row.measured}"


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
    """What the workload counted, a call of each side's first round."""
    first = [result.rounds(side)[0].utterances for side in Side]
    sides = [per_call([row.counters for row in rows]) for rows in first]
    for name in dict.fromkeys(name for side in sides for name in side):
        found = (side.get(name) for side in sides)
        cells = (f"{row.mean:.4g}" if row else "" for row in found)
        yield (markdown(f"{name.replace('_', ' ')}, a call"), *cells)


def _scenarios(result: BenchmarkResult) -> list[str]:
    """Warm-cache and concurrency scenarios."""
    hot, levels = hot_scenario(result), list(level_scenarios(result))
    lines = [f"- hot, each text again: {_scenario(hot)}; {_hits(hot)}"] if hot else []
    if len(levels) > 1:
        lines += [
            f"- {row.concurrency} at once: {_scenario(row)}; {_served(row)}" for row in levels
        ]
    return lines


def _scenario(row: ScenarioResult) -> str:
    rtf = (geometric_estimate([one.rtf for one in row.rounds[side]]).value for side in Side)
    return f"RTF {' to '.join(f'{value:.4g}' for value in rtf)}, speedup {_bounds(row.speedup)}"


def _hits(row: ScenarioResult) -> str:
    """How many calls kept values answered, on both sides."""
    rates = (row.hit_rate(side) for side in Side)
    said = " to ".join("nobody counts" if rate is None else f"{rate:.0%}" for rate in rates)
    return f"calls answered from kept values: {said}"


def _served(row: ScenarioResult) -> str:
    """Requests a second and latency, on both sides."""
    sides = [row.latency(side) for side in Side]
    rates = " to ".join(f"{side.requests_per_second:.4g}" for side in sides)
    waits = " to ".join(", ".join(f"{one:.4g}" for one in side.whole.values()) for side in sides)
    return f"{rates} requests a second; latency (P50, P90, P95, P99) {waits} s"


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
    facts += [*row.changed_work, f"worst in round {row.round}"]
    return f"{row.id}: different; " + ", ".join(facts)


def _limits(result: BenchmarkResult) -> list[str]:
    rows = [f"not exercised: no edit of {patch} ran" for patch in result.never_run]
    rows += [f"after side: {row}" for row in result.bad_audio]
    rows += [
        f"new after: {row.id} {defect}" for row in result.outputs for defect in row.new_defects
    ]
    if result.quality_unverified:
        rows.append("quality unverified: random weights show how fast, not how good")
    if result.interrupted:
        rows.append(f"interrupted after {len(result.order)} rounds")
    if result.failure:
        rows.append(f"failed after {len(result.order)} rounds: {'; '.join(result.failure.lines)}")
    return rows + [f"stand-in: {row}" for row in result.stands_in]
