"""The answer of `ttsopt bench`, from the same data that `--json` prints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ttsopt.cli.show_scenarios import show_scenarios
from ttsopt.cli.text import print_lines, table
from ttsopt.errors import GateFailedError, TtsoptError, UndecidedError

if TYPE_CHECKING:
    from ttsopt.operations.bench.explain import Explained

MIB = 1024 * 1024
BAR = 20  # characters for the longer of both RTFs


def gate_error(data: Mapping[str, Any], code: int) -> TtsoptError | None:
    """Why the exit code is not 0: the gates that failed, or else those that stayed undecided."""
    failed = code == GateFailedError.exit_code
    wanted = "failed" if failed else "undecided"
    rows = [row for row in data["gates"] if row["outcome"] == wanted]
    told = "; ".join(
        f"{row['name']}: {row['asked']} asked, {row['measured']} measured" for row in rows
    )
    if failed:
        return GateFailedError("gate-failed", told, "The result says what each side took.")
    if code == UndecidedError.exit_code:
        return UndecidedError("gate-undecided", told, "Take more --rounds, or a quieter machine.")
    return None


def show_explained(told: Explained) -> None:
    """What would be measured, in words."""
    print_lines([f"{told.system} {told.version}", "", *told.about.split("\n"), ""])
    print_lines(["Stands in for the real thing:"])
    print_lines(f"  - {row}" for row in told.stands_in)
    print_lines(["", "Spoken:", *(f"  {row.id}: {row.text}" for row in told.texts)])
    print_lines(["", f"Needs the modules: {', '.join(told.modules) or 'none'}", told.install])


def show_bench(data: Mapping[str, Any], *, rtf: bool) -> None:
    """Headline, both sides in a table, what came out, what ran, gates, and what the figures do not say."""
    before, after = data["before"], data["after"]
    print_lines([*_headline(data, rtf=rtf), ""])
    table(("", "before", "after"), _rows(data))
    print_lines(_cpu(data["cpu_speedup"]))
    show_scenarios(data)
    print_lines(_counters(before, after))
    print_lines(_model(before["model"], after["model"]))
    print_lines(_outputs(data))
    print_lines(_transcripts(data))
    print_lines(_exercised(data))
    print_lines(
        f"gate {row['name']}: {_outcome(row)}: {row['asked']}; {row['measured']}"
        for row in data["gates"]
    )
    print_lines(_profiles(data))
    print_lines(_limits(data))


def _outcome(gate: Mapping[str, Any]) -> str:
    """What became of a gate; a failure is seen among other lines."""
    outcome = str(gate["outcome"])
    return outcome.upper() if outcome == "failed" else outcome


def _headline(data: Mapping[str, Any], *, rtf: bool) -> list[str]:
    speedup = data["speedup"]
    low, high = speedup["interval"]
    rounds = speedup["rounds"]
    bounds = f"{low:.3f} to {'?' if high is None else f'{high:.3f}'}"
    change = f"{data['verdict']}: {speedup['value']:.3f}x ({speedup['level']:.0%}: {bounds}, {rounds} rounds)"
    what = ", ".join(data["patches"]) or f"against {data['against']}"
    what = "the tree against itself" if data["against_itself"] else what
    figures = f"RTF {data['before']['rtf']:.4f} -> {data['after']['rtf']:.4f}  " if rtf else ""
    return [f"{figures}{change}", f"{data['system']} {data['version']}: {what}"]


Cell = Callable[[Mapping[str, Any]], str]
ROWS: tuple[tuple[str, Cell], ...] = (
    ("RTF", lambda side: f"{side['rtf']:.4f}"),
    ("its 95 % interval", lambda side: _bounds(side["rtf_interval"])),
    ("wall seconds", lambda side: f"{side['seconds']:.3f}"),
    ("audio seconds", lambda side: f"{side['audio_seconds']:.3f}"),
    ("CPU seconds", lambda side: f"{side['cpu_seconds']:.3f}"),
    ("load seconds, apart", lambda side: f"{side['load_seconds']:.2f}"),
    ("warm-up, apart", lambda side: ", ".join(f"{one:.2f}" for one in side["warmup_seconds"])),
    ("peak memory, MiB", lambda side: _mib(side["peak_memory"])),
)
# Rows for what not every run has.
MORE: tuple[tuple[str, Cell], ...] = (
    ("peak GPU memory, MiB", lambda side: _mib(side["peak_gpu_memory"])),
    (
        "first audio, s (P50, P95)",
        lambda side: _percentiles(side["latency"]["first_audio"], 50, 95),
    ),
    ("longest stall, s", lambda side: _seconds(side["latency"]["worst_stall"])),
)
# Rows for several requests at once.
BUSY: tuple[tuple[str, Cell], ...] = (
    ("requests a second", lambda side: f"{side['latency']['requests_per_second']:.3f}"),
    (
        "latency, s (P50, P90, P95, P99)",
        lambda side: _percentiles(side["latency"]["whole"], 50, 90, 95, 99),
    ),
)


def _cpu(speedup: Mapping[str, Any] | None) -> Iterator[str]:
    """The ratio of CPU time: of one thread it is steadier than the wall's."""
    if speedup:
        low, high = speedup["interval"]
        ends = f"{low:.3f} to {'?' if high is None else f'{high:.3f}'}"
        yield f"CPU time {speedup['verdict']}: {speedup['value']:.3f}x ({speedup['level']:.0%}: {ends})"


def _mib(size: int | None) -> str:
    return f"{size / MIB:.0f}" if size else "unknown"


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _percentiles(rows: Mapping[int, float] | None, *asked: int) -> str:
    return ", ".join(f"{rows[one]:.3f}" for one in asked) if rows else ""


def _rows(data: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """The table: bars of both RTFs, then figures; what nobody knows of either side is left out."""
    before, after = data["before"], data["after"]
    longest = max(before["rtf"], after["rtf"])
    yield "", *("█" * max(1, round(BAR * side["rtf"] / longest)) for side in (before, after))
    for name, cell in ROWS + BUSY * (data["concurrency"] > 1 and len(data["levels"]) == 1):
        yield name, cell(before), cell(after)
    for name, cell in MORE:
        cells = cell(before), cell(after)
        if not set(cells) <= {"", "unknown"}:
            yield name, *cells


def _bounds(interval: tuple[float, float | None]) -> str:
    low, high = interval
    return f"{low:.4f} to {'?' if high is None else f'{high:.4f}'}"


def _counters(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """What the workload counted, or timed within its calls; of each side's first round."""
    for name, old in before["counters_per_call"].items():
        new = after["counters_per_call"].get(name)
        if new is None:
            continue
        stage, _, unit = name.rpartition("_")
        if unit == "seconds":
            yield f"stage {stage}, a call: {old['mean']:.3f} s -> {new['mean']:.3f} s"
        else:
            mean = "" if old["steady"] and new["steady"] else ", mean of calls"
            yield f"counted {name}{mean}: {old['mean']:g} -> {new['mean']:g}"


def _model(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """What really holds in the model: where both sides agree, once."""
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name, "?"), after.get(name, "?")
        yield f"model {name}: {old}" + ("" if old == new else f" -> {new}")


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
        if row["mel_db"] is not None:
            facts.append(
                f"log-mel {row['mel_db']:.2f} dB apart, {row['mel_db_worst']:.2f} at worst"
            )
        facts += [*row["changed_work"], f"worst in round {row['round']}"]
        unsteady = [side for side, same in row["repeatable"].items() if same is False]
        if unsteady:
            facts.append(f"not repeatable against itself: {', '.join(unsteady)}")
        yield f"output {row['id']}: different, {', '.join(facts)}"
        yield from (f"output {row['id']}, new after: {defect}" for defect in row["new_defects"])


def _transcripts(data: Mapping[str, Any]) -> Iterator[str]:
    for row in data["transcripts"]:
        rates = f"{row['cer_before']:.1%} -> {row['cer_after']:.1%}"
        yield f"heard {row['id']}: character error rate {rates}; after: {row['heard_after']}"


def _exercised(data: Mapping[str, Any]) -> Iterator[str]:
    idle = [row for row in data["exercised"] if not row["executed"]]
    # Several edits of one statement are one thing to read.
    yield from dict.fromkeys(
        f"not run by this workload: {row['patch']} at {row['path']}:{row['line']}" for row in idle
    )
    yield from data["unmet"]
    for row in data["untraced"]:
        yield f"not traced: {row['patch']} changes {row['path']}, and no line of that can be seen to run"
    for patch in data["never_run"]:
        yield f"NOT EXERCISED: no edit of {patch} ran; the figures say nothing about it"


def _profiles(data: Mapping[str, Any]) -> Iterator[str]:
    """The slowest functions and operators of either side, and the files with all of them."""
    for row in data["profiles"]:
        yield f"profile of one call, {row['side']}: {', '.join(row['files'])}"
        for one in row["functions"][:5]:
            where = f"{one['function']} ({one['file']}:{one['line']})"
            yield f"  {one['own_seconds']:.3f} s in {where}, {one['calls']} calls"
        for one in row["operators"][:5]:
            yield f"  {one['own_seconds']:.3f} s in {one['operator']}, {one['calls']} calls"
        stages = (f"{stage} {_mib(size)}" for stage, size in row["memory"].items())
        yield f"  resident MiB: {', '.join(stages)}"


def _limits(data: Mapping[str, Any]) -> Iterator[str]:
    if data["noise_floor"] is not None:
        floor = f"{data['noise_floor']:.1%}" if data["noise_floor"] < 1 else "100%"
        yield f"noise floor: a run as long as this could not tell {floor} from nothing"
    if data["interrupted"]:
        yield f"interrupted: {data['speedup']['rounds']} complete rounds count"
    if data["failure"]:
        yield f"failed: {data['speedup']['rounds']} complete rounds count"
    if data["quality_unverified"]:
        yield "quality unverified: random weights show how fast, not how good"
    for line in data["bad_audio"]:
        yield f"after side: {line}"
    for line in data["stands_in"]:
        yield f"stands in: {line}"
