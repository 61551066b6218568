"""The answer of `ttsopt bench --each`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ttsopt.cli.text import print_lines, table

HEADERS = ("", "patch", "verdict", "speedup", "its interval", "what came out")


def show_each(data: Mapping[str, Any]) -> None:
    """A row a comparison, in the order in which they were measured."""
    table(HEADERS, [_row(row) for row in data["each"]])
    print_lines(
        ["alone: without any, with it · left out: all but it, with it · all: without any, with all"]
    )


def _row(row: Mapping[str, Any]) -> tuple[str, ...]:
    done, (low, high) = row["result"], row["result"]["speedup"]["interval"]
    bounds = f"{low:.3f} to {'?' if high is None else f'{high:.3f}'}"
    equal = all(output["equal"] for output in done["outputs"])
    out = "equal bits" if equal else "different"
    speedup = f"{done['speedup']['value']:.3f}x"
    return row["kind"], ", ".join(row["patches"]), done["verdict"], speedup, bounds, out
