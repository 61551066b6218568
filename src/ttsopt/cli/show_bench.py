"""The answer of `ttsopt bench`, from the same data that `--json` prints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ttsopt.cli.text import print_lines, table
from ttsopt.errors import GateFailedError, TtsoptError, UndecidedError

MIB = 1024 * 1024
GATE_WORDS = {True: "passed", False: "FAILED", None: "undecided"}


def gate_error(data: Mapping[str, Any], code: int) -> TtsoptError | None:
    """Why the exit code is not 0: the gates that failed, or else those that stayed undecided."""
    failed = code == GateFailedError.exit_code
    rows = [row for row in data["gates"] if row["passed"] is (False if failed else None)]
    told = "; ".join(
        f"{row['name']}: {row['asked']} asked, {row['measured']} measured" for row in rows
    )
    if failed:
        return GateFailedError("gate-failed", told, "The result says what each side took.")
    if code == UndecidedError.exit_code:
        return UndecidedError("gate-undecided", told, "Take more --rounds, or a quieter machine.")
    return None


def show_bench(data: Mapping[str, Any], *, rtf: bool) -> None:
    """Headline, both sides in a table, what came out, what ran, gates, and what the figures do not say."""
    before, after = data["before"], data["after"]
    print_lines([_headline(data, rtf=rtf), ""])
    table(("", "before", "after"), [(name, cell(before), cell(after)) for name, cell in ROWS])
    print_lines(_counters(before, after))
    print_lines(_outputs(data))
    print_lines(_exercised(data))
    print_lines(
        f"gate {row['name']}: {GATE_WORDS[row['passed']]}: {row['asked']}; {row['measured']}"
        for row in data["gates"]
    )
    print_lines(_limits(data))


def _headline(data: Mapping[str, Any], *, rtf: bool) -> str:
    speedup = data["speedup"]
    low, high = speedup["interval"]
    rounds = speedup["rounds"]
    bounds = f"{low:.3f} to {'?' if high is None else f'{high:.3f}'}"
    change = f"{data['verdict']}: {speedup['value']:.3f}x ({speedup['level']:.0%}: {bounds}, {rounds} rounds)"
    what = "the tree against itself" if data["against_itself"] else ", ".join(data["patches"])
    figures = f"RTF {data['before']['rtf']:.4f} -> {data['after']['rtf']:.4f}  " if rtf else ""
    return f"{figures}{change}\n{data['system']} {data['version']}: {what}"


Cell = Callable[[Mapping[str, Any]], str]
ROWS: tuple[tuple[str, Cell], ...] = (
    ("RTF", lambda side: f"{side['rtf']:.4f}"),
    ("its 95 % interval", lambda side: _bounds(side["rtf_interval"])),
    ("wall seconds", lambda side: f"{side['seconds']:.3f}"),
    ("audio seconds", lambda side: f"{side['audio_seconds']:.3f}"),
    ("CPU seconds", lambda side: f"{side['cpu_seconds']:.3f}"),
    ("load seconds, apart", lambda side: f"{side['load_seconds']:.2f}"),
    ("first call, apart", lambda side: ", ".join(f"{one:.2f}" for one in side["warmup_seconds"])),
    (
        "peak memory, MiB",
        lambda side: f"{side['peak_memory'] / MIB:.0f}" if side["peak_memory"] else "unknown",
    ),
)


def _bounds(interval: tuple[float, float | None]) -> str:
    low, high = interval
    return f"{low:.4f} to {'?' if high is None else f'{high:.4f}'}"


def _counters(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """What the workload counted, or timed within its calls; of each side's first round."""
    for name in before["counters"]:
        if name not in after["counters"]:
            continue
        old, new = before["counters"][name], after["counters"][name]
        stage, _, unit = name.rpartition("_")
        if unit == "seconds":
            yield f"stage {stage}, first round: {old:.3f} s -> {new:.3f} s"
        else:
            yield f"counted {name}: {old:g} -> {new:g}"


def _outputs(data: Mapping[str, Any]) -> Iterator[str]:
    for row in data["outputs"]:
        if row["equal"]:
            yield f"output {row['id']}: equal bits"
            continue
        facts = [f"duration x {row['duration_ratio']:.3f}"]
        if row["token_agreement"] is not None:
            facts.append(f"{row['token_agreement']:.1%} of tokens equal")
        if row["snr_db"] is not None:
            facts.append(f"SNR {row['snr_db']:.1f} dB")
        unsteady = [side for side, same in row["repeatable"].items() if same is False]
        if unsteady:
            facts.append(f"not repeatable against itself: {', '.join(unsteady)}")
        yield f"output {row['id']}: different, {', '.join(facts)}"


def _exercised(data: Mapping[str, Any]) -> Iterator[str]:
    idle = [row for row in data["exercised"] if not row["executed"]]
    # Several edits of one statement are one thing to read.
    yield from dict.fromkeys(
        f"not run by this workload: {row['patch']} at {row['path']}:{row['line']}" for row in idle
    )
    for row in data["untraced"]:
        yield f"not traced: {row['patch']} changes {row['path']}, and no line of that can be seen to run"
    for patch in data["never_run"]:
        yield f"NOT EXERCISED: no edit of {patch} ran; the figures say nothing about it"


def _limits(data: Mapping[str, Any]) -> Iterator[str]:
    if data["interrupted"]:
        yield f"interrupted: {data['speedup']['rounds']} complete rounds count"
    if data["quality_unverified"]:
        yield "quality unverified: random weights show how fast, not how good"
    for line in data["bad_audio"]:
        yield f"after side: {line}"
    for line in data["stands_in"]:
        yield f"stands in: {line}"
