"""The top of a page of a benchmark over HTTP: verdict, rates, latency, what came back, memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ttsopt.bench.report.charts.serve import both_sides
from ttsopt.bench.report.model import Fact, Summary
from ttsopt.bench.report.summary import VERDICTS, gates, sure, times
from ttsopt.bench.report.words import arrow, mib

Data = Mapping[str, Any]
Words = Callable[[Data], str]


def serve_summary(data: Data, load: Words) -> Summary:
    """Return it; `load` says the load of a level in words."""
    facts = (
        *_rates(data, load),
        *_cpu_time(data, load),
        _answers(data),
        *_memory(data),
        *gates(data["gates"]),
    )
    if data["slo"]:
        return Summary(*_service_level(data), facts=facts)
    level = data["levels"][0]
    if not level["speedup"]:
        return Summary("Measured", _one_server(level, load), "", facts)
    word, tone = VERDICTS[level["verdict"]]
    sentence = f"{times(level['speedup']['value'])}, at {load(level)}"
    if level["verdict"] in {"same", "inconclusive"}:
        sentence = f"{word}: {level['speedup']['value']:.2f} times as fast, at {load(level)}"
    return Summary(word, sentence, sure(level["speedup"]), facts, tone)


def _service_level(data: Data) -> tuple[str, str, str]:
    asked, rates = data["slo"]["asked"], data["slo"]["highest_rate"]
    told = [f"{rate:.3g}" if rate else "no" for rate in rates.values()]
    kept = arrow(*told) if len(told) > 1 else told[0]
    return (
        "Service level",
        f"{kept} requests a second keep {asked}",
        f"Held for {data['requests']} requests at each rate.",
    )


def _one_server(level: Data, load: Words) -> str:
    row = level["after"]
    usual = row["latency"]["whole"].get(50)
    waits = f", half of them within {usual:.2f} s" if usual is not None else ""
    return f"{row['requests_per_second'] or 0:.3g} requests a second at {load(level)}{waits}"


def _sides(level: Data) -> list[Data]:
    return [level[side] for side in ("before", "after") if level[side]]


def _rates(data: Data, load: Words) -> Iterator[Fact]:
    """Give rate and latency at the first level that both sides were measured at, or the only one."""
    if not data["levels"]:
        return
    level = max(both_sides(data["levels"]), key=lambda row: len(_sides(row)))
    rows = _sides(level)
    rates = [f"{row['requests_per_second'] or 0:.3g}" for row in rows]
    yield Fact("Answered a second", " → ".join(rates), f"at {load(level)}")
    percent = next(
        (one for one in (95, 90, 50) if all(one in row["latency"]["whole"] for row in rows)), None
    )
    if percent:
        waits = " → ".join(f"{row['latency']['whole'][percent]:.3f}" for row in rows)
        yield Fact(f"Latency, P{percent}", f"{waits} s", "from the moment a request was due")


def _cpu_time(data: Data, load: Words) -> Iterator[Fact]:
    """Give the ratio of CPU time at the first level, where it is known."""
    level = data["levels"][0] if data["levels"] else {}
    if cpu := level.get("cpu_speedup"):
        word, tone = VERDICTS[cpu["verdict"]]
        note = f"{word.lower()} at {load(level)}: {sure(cpu)}"
        yield Fact("CPU time, before / after", f"{cpu['value']:.2f}", note, tone)


def _answers(data: Data) -> Fact:
    rows = [row for level in data["levels"] for row in _sides(level)]
    asked, answered = (sum(row[key] for row in rows) for key in ("requests", "answered"))
    kinds = dict.fromkeys(kind for row in rows for kind in (*row["failures"], *row["defects"]))
    note = ", ".join(kinds) or "no failure, no defect"
    return Fact("Answers", f"{answered} of {asked}", note, "bad" if kinds else "good")


def _memory(data: Data) -> Iterator[Fact]:
    peaks = [mib(row["peak_memory"]) for row in data["usage"].values()]
    if peaks:
        yield Fact(
            "Peak memory", f"{' → '.join(peaks)} MiB", "of the server with all that it started"
        )
