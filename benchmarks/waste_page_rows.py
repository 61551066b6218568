"""Prints what `ttsopt waste` saved as rows of docs/results/waste.md.

    waste_page_rows.py FILE ...

A FILE is what `ttsopt waste CHECKOUT --save FILE` wrote; its name, without .json, names the row. First come the
rows of the table of models, then, for each file, the places that take LEAST percent of the call and more: each of
them wants a patch, or a line that says why not.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from page_tables import line

LEAST = 0.5  # percent of the call
HEAD = (
    "model", "for nothing", "never used", "mostly unread", "computed again",
    "known before in the same voice", "operations", "call, s", "recorded, s", "memory, MiB",
)  # fmt: skip
# Tables of which a row is work that could be left out.
LEADS = (
    "never-used", "unread", "again", "again-constant", "known-always", "known-voice", "known-text",
)  # fmt: skip
MIB = 2**20
UNTRUSTED = "not trusted: another output"


def main(arguments: Sequence[str]) -> int:
    """Print the rows of all files; 2 where none is named."""
    if not arguments:
        print("waste_page_rows.py FILE ...", file=sys.stderr)
        return 2
    found = {Path(name).stem: json.loads(Path(name).read_bytes()) for name in arguments}
    print(line(*HEAD), line("---", *["---:"] * (len(HEAD) - 1)), sep="\n")
    for name, data in found.items():
        print(line(*row_of(name, data)))
    for name, data in found.items():
        print("", *leads_of(name, data), sep="\n")
    return 0


def row_of(name: str, data: Mapping[str, Any]) -> list[str]:
    """Return the cells of one model: shares in percent, wall seconds of the first call, peaks of memory."""
    call, share = data["calls"][0], {table["name"]: table["share"] or 0 for table in data["tables"]}
    shares = (
        data["for_nothing"], share["never-used"], share["unread"],
        share["again"] + share["again-constant"], share.get("known-voice", 0),
    )  # fmt: skip
    peaks = (round(data["memory"][one] / MIB) for one in ("unrecorded", "recorded"))
    return [
        name if data["trusted"] else f"{name} ({UNTRUSTED})",
        *(f"{one:.1f} %" for one in shares),
        f"{call['operations']:,}",
        *(f"{call[one]:.1f}" for one in ("seconds", "recorded_seconds")),
        " -> ".join(map(str, peaks)),
    ]


def leads_of(name: str, data: Mapping[str, Any]) -> Iterator[str]:
    """Yield a row for each table and innermost line of the checkout that takes LEAST percent."""
    for table in data["tables"]:
        if table["name"] not in LEADS:
            continue
        places: dict[str, list[Mapping[str, Any]]] = {}
        for row in table["rows"]:
            places.setdefault(place_of(row), []).append(row)
        for place, rows in places.items():
            percent = sum(row["share"] or 0 for row in rows)
            if percent >= LEAST:
                patches = {one["patch"]: None for row in rows for one in row["patches"]}
                yield line(name, table["name"], place, f"{percent:.1f} %", ", ".join(patches))


def place_of(row: Mapping[str, Any]) -> str:
    """Return the innermost file and line of the checkout."""
    where = row["chain"][0] if row["chain"] else {"file": "no file of the checkout", "line": 0}
    return f"`{where['file']}:{where['line']}`"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
