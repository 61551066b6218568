"""Print the rows of `ttsopt bench --each`, each as it is measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ttsopt.cli.text import print_lines

KINDS = "alone: without any, with it · left out: all but it, with it · all: without any, with all"


def show_row(row: Mapping[str, Any]) -> None:
    """Print the comparison, its verdict and ratio, or why there is none."""
    patches = ", ".join(row["patches"])
    print_lines([f"{row['kind']:<8}  {patches}  {_told(row)}"])


def show_end(data: Mapping[str, Any], family: str) -> None:
    """Print what the words mean, how many rows are missing, and the family-wise error."""
    missing = data["planned"] - len(data["each"])
    print_lines([f"not measured: {missing} of {data['planned']} comparisons"] * bool(missing))
    print_lines(["", KINDS, family])


def _told(row: Mapping[str, Any]) -> str:
    result = row["result"]
    if result is None:
        return f"failed: {row['error']['message']}"
    speedup, (low, high) = result["speedup"], result["speedup"]["interval"]
    bounds = f"{low:.3f} to {'?' if high is None else f'{high:.3f}'}"
    equal = all(output["equal"] for output in result["outputs"])
    cut = " (cut short)" if result["failure"] or result["interrupted"] else ""
    ratio = (
        f"{speedup['value']:.3f}x ({speedup['level']:.0%}: {bounds}, {speedup['rounds']} rounds)"
    )
    return f"{result['verdict']}: {ratio}{cut}, {'equal bits' if equal else 'different output'}"
