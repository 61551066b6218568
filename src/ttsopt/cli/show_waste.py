"""Print what `ttsopt waste` found, in 80 columns, and say why its exit code is not 0."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ttsopt.boundary.escape import one_line
from ttsopt.cli.cells import cut, wrapped
from ttsopt.cli.language import told
from ttsopt.cli.text import print_lines
from ttsopt.errors import CannotRunError, GateFailedError, TtsoptError

WIDTH = 80
# Of each table: so many rows, none below this share of the call in percent, so many callers.
MOST_ROWS, LEAST_PERCENT, MOST_CALLERS = 12, 0.3, 2
INDENT = 18
MIB = 2**20
# Tables of which the count says more than the time.
COUNTED = {"waits", "files", "patterns", "sessions"}
# Nearly everything: what counts is how much of the call it is.
SUMMED = {"known-call"}


def waste_error(data: Mapping[str, Any]) -> TtsoptError | None:
    """Say that an output changed under the recorder, or that more goes for nothing than may."""
    changed = [call["id"] for call in data["calls"] if not call["equal"]]
    limit = data["fail_over"]
    if changed:
        said = f"recorded, the output is another one than unrecorded: {', '.join(changed)}"
        hint = "No row counts. `ttsopt bench DIR --aa` shows whether the system repeats itself."
        return CannotRunError("untrusted", said, hint)
    if limit is not None and data["for_nothing"] > limit:
        said = f"{data['for_nothing']:.1f} % of a call's time goes for nothing, {limit:g} % may"
        return GateFailedError("waste", said, "The tables say where; --json has every row.")
    return None


def show_waste(data: Mapping[str, Any]) -> None:
    """Print the headline, then a table after the other; empty ones in one line at the end."""
    print_lines(_headline(data))
    filled = [table for table in data["tables"] if table["rows"]]
    for table in filled:
        print_lines(_table(table))
    empty = [table["title"] for table in data["tables"] if not table["rows"]]
    none = f"{told('nothing')}: {'; '.join(map(told, empty))}"
    print_lines(["", *_wrapped(none)] if empty else [])
    print_lines(
        ["", *_wrapped("A row speaks of the calls that were recorded: a lead, not a proof.")]
    )


def _headline(data: Mapping[str, Any]) -> Iterator[str]:
    first = data["calls"][0]
    yield f"{data['for_nothing']:.1f} % of a call's time goes for nothing"
    patches = ", ".join(data["patches"]) or "none"
    yield from _wrapped(
        f"{data['system']} {data['version']}, size {data['size']}; patches: {patches}"
    )
    share = 100 * first["seconds_in_operations"] / max(call_seconds(data), 1e-9)
    yield from _wrapped(
        f"{first['operations']} operations take {share:.0f} % of the call ({data['clock']} time); "
        f"recording it took {first['recorded_seconds'] / first['seconds']:.1f} times as long as the call"
    )
    if first["beyond"] or first["unrecorded"]:
        kinds = ", ".join(first["unrecorded"]) or "they are too many"
        yield from _wrapped(f"{first['beyond']} operations are not recorded: {kinds}")


def call_seconds(data: Mapping[str, Any]) -> float:
    """The seconds that shares of the first call are of."""
    rows = [
        (row["seconds"], row["share"])
        for table in data["tables"]
        if table["call"] == data["calls"][0]["id"]
        for row in table["rows"]
        if row["share"]
    ]
    seconds, share = max(rows, default=(data["calls"][0]["seconds_in_operations"], 100.0))
    return float(100 * seconds / share)


def _table(table: Mapping[str, Any]) -> Iterator[str]:
    note = f" ({table['note']})" if table["note"] else ""
    kept = f", {_size(table['bytes'])} to keep" if table["bytes"] else ""
    share = "" if table["name"] in COUNTED else f": {table['share'] or 0:.1f} %{kept}"
    yield ""
    yield from _wrapped(f"{told(table['title'])}{share}{told(note)}")
    rows = _worth_a_line(table)
    for row in rows:
        yield from _row(row)
    left = len(table["rows"]) - len(rows)
    if left:
        rest = (table["share"] or 0) - sum(row["share"] or 0 for row in rows)
        yield f"  {max(0, rest):5.1f} %  {told(f'in {left} smaller rows' if rows else f'in {left} rows')}"


def _worth_a_line(table: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    rows: list[Mapping[str, Any]] = list(table["rows"])
    if table["name"] in SUMMED:
        return []
    if table["name"] in COUNTED:
        return sorted(rows, key=lambda row: -row["count"])[:MOST_ROWS]
    return [row for row in rows if (row["share"] or 0) >= LEAST_PERCENT][:MOST_ROWS]


def _row(row: Mapping[str, Any]) -> Iterator[str]:
    """Share, count and operation in one line, then the places, innermost first, and the patches."""
    facts = [_operations(row["operations"])]
    if row["read"] is not None:
        facts.append(told(f"{row['read']:.0f} % of it read"))
    if row["bytes"]:
        facts.append(told(f"{_size(row['bytes'])} to keep"))
    line = f"  {row['share'] or 0:5.1f} %  x{row['count']:<6} {', '.join(facts)}"
    yield cut(one_line(line), WIDTH)
    for frame in row["chain"][: 1 + MOST_CALLERS] or ({"file": "", "line": 0, "function": ""},):
        yield " " * INDENT + _place(frame, WIDTH - INDENT)
    for one in row["patches"]:
        state = "is applied" if one["applied"] else "is not applied"
        edits = told(f"{one['patch']} edits this, and {state}")
        yield f"{' ' * INDENT}{edits}"


def _operations(names: Sequence[str]) -> str:
    """The longest one, and how many others there are."""
    longest = names[0].removeprefix("aten.").removesuffix(".default")
    return longest if len(names) == 1 else f"{longest} and {len(names) - 1} others"


def _place(frame: Mapping[str, Any], room: int) -> str:
    """File, line and function; of a long path the end."""
    if not frame["file"]:
        return told("(not asked for by the checkout's own code)")
    text = one_line(f"{frame['file']}:{frame['line']} {frame['function']}")
    return text if len(text) <= room else f"...{text[3 - room :]}"


def _size(count: int) -> str:
    return f"{count / MIB:.1f} MiB" if count >= MIB / 10 else f"{count / 1024:.1f} KiB"


def _wrapped(text: str) -> list[str]:
    return wrapped(told(one_line(text)), WIDTH, hang="  ", words=True)
