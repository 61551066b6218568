"""A benchmark over HTTP as the report that terminal, Markdown and HTML share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ttsopt.bench.report.charts.serve import serve_charts
from ttsopt.bench.report.heard import heard_lines
from ttsopt.bench.report.lines import gate_lines, output_lines
from ttsopt.bench.report.model import BenchReport, Section, Table
from ttsopt.bench.report.words import mib, ratio, seconds
from ttsopt.bench.serve.spec import Load
from ttsopt.bench.serve.summary import serve_summary

Data = dict[str, Any]
HEADER = ("P50", "P90", "P95", "P99")


def serve_report(data: Data) -> BenchReport:
    """Return the report of what `serve_data` made."""
    return BenchReport(
        data,
        _headline(data),
        tuple(_about(data)),
        tuple(_tables(data)),
        tuple(_sections(data)),
        summary=serve_summary(data, load_words),
        charts=serve_charts(data, load_words),
    )


def _headline(data: Data) -> str:
    if data["slo"]:
        rates = data["slo"]["highest_rate"]
        kept = " -> ".join(f"{rate:.4g}" if rate else "none" for rate in rates.values())
        return f"{kept} requests/s keep {data['slo']['asked']}"
    first = data["levels"][0]
    if first["speedup"]:
        return f"{first['verdict'].replace('_', ' ')}: {ratio(first['speedup'])} at {load_words(first)}"
    after = first["after"]
    rate, latency = after["requests_per_second"], after["latency"]["whole"].get(50)
    waits = f", P50 {latency:.3f} s" if latency is not None else ""
    return f"{rate or 0:.3g} requests/s at {load_words(first)}{waits}"


def _about(data: Data) -> Iterator[str]:
    request = data["request"]
    for side, url in data["servers"].items():
        yield f"{side}: {url}{request['path']} ({request['method']}, request {request['name']})"
    if data["interrupted"]:
        yield "interrupted: pairs of blocks that are whole count"
    if data["resident"]:
        yield "one server of each side stayed up, and the sides were asked in turn"
    yield "latency from the moment a request was due; percentiles only with enough requests behind them"


def _tables(data: Data) -> Iterator[Table]:
    rows = [
        (level, side) for level in data["levels"] for side in ("before", "after") if level[side]
    ]
    header = ("load", "side", "answered", "requests/s", "RTF", "audio s/s", "CPU s/audio s")
    speeds = tuple(_speed_row(level, side) for level, side in rows)
    ends = ("worst stall", "speedup", "of CPU time")
    yield _without_empty(Table((*header, *ends), speeds))
    for title, key in (("latency", "whole"), ("first audio", "first_audio")):
        yield Table(
            (f"{title}, s", "side", *HEADER),
            tuple(
                (load_words(level), side, *_percentiles(level[side]["latency"][key]))
                for level, side in rows
            ),
        )


def _without_empty(table: Table) -> Table:
    """Leave out columns that have no entry, such as the CPU seconds of a server that is somebody else's."""
    kept = [at for at, _ in enumerate(table.header) if any(row[at] for row in table.rows)]
    rows = tuple(tuple(row[at] for at in kept) for row in table.rows)
    return Table(tuple(table.header[at] for at in kept), rows)


def _speed_row(level: Data, side: str) -> tuple[str, ...]:
    row = level[side]
    is_compared = level["speedup"] and side == "after"
    return (
        load_words(level),
        side,
        f"{row['answered']} of {row['requests']}",
        _number(row["requests_per_second"]),
        _number(row["rtf"]),
        _number(row["audio_seconds_per_second"]),
        _number(_cpu_rtf(row)),
        seconds(row["latency"]["worst_stall"]),
        ratio(level["speedup"]) if is_compared else "",
        _of_cpu(level) if is_compared else "",
    )


def _of_cpu(level: Data) -> str:
    """Say what the CPU time of both servers is to each other: the steadier ratio on a busy machine."""
    cpu = level["cpu_speedup"]
    return f"{cpu['verdict']}: {ratio(cpu)}" if cpu else ""


def _cpu_rtf(row: Data) -> float | None:
    """Return CPU seconds of the server / seconds of audio; None where its CPU time is not known."""
    known = row["cpu_seconds"] is not None and row["audio_seconds"]
    return row["cpu_seconds"] / row["audio_seconds"] if known else None


def _percentiles(values: Mapping[int, float]) -> Sequence[str]:
    return [seconds(values.get(percent)) for percent in (50, 90, 95, 99)]


def load_words(level: Mapping[str, Any]) -> str:
    """The load of a level."""
    return Load(level["clients"] or 0, level["rate"] or 0.0).words


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def _sections(data: Data) -> Iterator[Section]:
    sections = (
        Section("What went wrong", tuple(_wrong(data))),
        Section("Output", tuple(_output(data))),
        Section("The servers", tuple(_usage(data))),
        Section("The client", tuple(_late(data))),
        Section("Gates", tuple(gate_lines(data))),
    )
    yield from (row for row in sections if row.lines)


def _output(data: Data) -> Iterator[str]:
    """Answers of both sides to the same requests, and what was heard in them."""
    row = data["answers_compared"]
    if row["pairs"]:
        yield f"{row['pairs']} pairs of answers, {row['equal']} of equal bits; {row['compared']} compared:"
    yield from _as_alone(data)
    yield from output_lines(data, "request")
    if data["quality_unverified"]:
        yield "quality unverified: random weights show how fast, not how good"
    yield from heard_lines(data, "request")


def _as_alone(data: Data) -> Iterator[str]:
    """Say of requests at once how many were answered as a lone client was."""
    for level in data["levels"]:
        rows = {side: level[side]["as_alone"] for side in ("before", "after") if level[side]}
        words = [f"{side} {row['equal']} of {row['answers']}" for side, row in rows.items() if row]
        if words:
            yield f"{load_words(level)}, answers with the bits of those to 1 client: {', '.join(words)}"


def _wrong(data: Data) -> Iterator[str]:
    for level in data["levels"]:
        for side in ("before", "after"):
            row = level[side] or {"failures": {}, "defects": {}, "answers": []}
            for kind, count in {**row["failures"], **row["defects"]}.items():
                yield f"{load_words(level)}, {side}: {count} x {kind}{_example(row['answers'], kind)}"


def _example(answers: Sequence[Data], kind: str) -> str:
    """Return the words of the first answer that went wrong so."""
    rows = (row for row in answers if row["failure"] == kind or kind in row["defects"])
    words = next((row["message"] for row in rows if row["message"]), "")
    return f": {words}" if words else ""


def _usage(data: Data) -> Iterator[str]:
    for side, row in data["usage"].items():
        memory = f"peak memory {mib(row['peak_memory'])} MiB, " if row["peak_memory"] else ""
        yield f"{side}: {memory}{row['cpu_seconds']:.3g} CPU seconds, over its process tree"
        if row.get("peak_gpu_memory") is not None:
            busy = "" if row["gpu_busy"] is None else f", busy {row['gpu_busy']:.0f} %"
            yield f"{side}: GPU memory {mib(row['peak_gpu_memory'])} MiB above what was in use before{busy}"


def _late(data: Data) -> Iterator[str]:
    """Say so where the client itself was a tenth of the median latency late."""
    for level in data["levels"]:
        for side in ("before", "after"):
            row = level[side]
            usual = row and row["latency"]["whole"].get(50)
            if usual and row["client_lag"] > usual / 10:
                lag = row["client_lag"]
                yield f"{load_words(level)}, {side}: this client was {lag:.3f} s late with 1 request of 20"
