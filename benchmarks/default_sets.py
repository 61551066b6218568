"""Keeps what whole sets of patches brought, as rows of docs/results/default-sets.json.

    default_sets.py default|former|goal FILE ...

A FILE is what `ttsopt bench CHECKOUT --size real --resident --save FILE` wrote: `default`, of what `apply` takes,
against the original; `former`, the same against a copy with what `apply` took formerly (`--against COPY`); `goal`,
with `-p PATCH` once for each, of a set that is to reach a goal. A row takes the place of that of the same system,
model, kind, processor and threads, and, for a goal, of the same patches. `benchmarks/defaults.py` prints the first
two kinds in docs/results/defaults.md, `benchmarks/goals.py` the first and the last in docs/results/goals.md.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from patch_results import gpu_of, machine_of, memory_ratio, outcome, significant

ROWS = Path(__file__).parents[1] / "docs" / "results" / "default-sets.json"
SAME = ("system", "kind", "size", "threads", "cpu", "instructions")
KINDS = ("default", "former", "goal")
MODEL = ("class", "version")  # of what a workload says of its model: which one it is


def main(arguments: Sequence[str], rows: Path = ROWS) -> int:
    """Write the rows of all files, of the kind that the first argument names; 2 where it names none."""
    if not arguments or arguments[0] not in KINDS:
        print(f"default_sets.py {'|'.join(KINDS)} FILE ...", file=sys.stderr)
        return 2
    for name in arguments[1:]:
        keep(rows, row_of(json.loads(Path(name).read_bytes()), arguments[0]))
    return 0


def row_of(data: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Return one result as a row, of CPU time where one thread computed."""
    gpu = gpu_of(data)
    machine = machine_of(data, gpu)
    return {
        **{key: data[key] for key in ("system", "version", "commit", "size", "weights", "threads")},
        **{key: data[key] for key in ("date", "ttsopt")},
        "kind": kind,
        "model": {
            key: str(data["after"]["model"][key]) for key in MODEL if key in data["after"]["model"]
        },
        "patches": [tested["patch"] for tested in data["settings"]],
        "parameters": {
            one["patch"]: one["parameters"] for one in data["settings"] if one["parameters"]
        },
        "not_run": data["never_run"],
        **outcome(data, "", gpu),
        "memory": memory_ratio(data, gpu),
        "counters": {side: counted(data[side].get("counters", {})) for side in ("before", "after")},
        **{key: machine[key] for key in ("cpu", "vendor", "instructions", "torch")},
    }


def counted(counters: Mapping[str, float]) -> dict[str, float]:
    """Return the means of a text: seconds of the stages, and the work that was counted."""
    return {name: significant(value) for name, value in counters.items()}


def is_faster(row: Mapping[str, Any]) -> bool:
    """True if a row is faster: by its verdict, or its interval where patches of the set are for other models.

    Of what never ran there is no verdict (`not_exercised`), but there is an interval of what did.
    """
    unrun = row["verdict"] == "not_exercised" and bool(row.get("not_run"))
    return row["verdict"] == "faster" or (unrun and row["interval"][0] > 1)


def keep(path: Path, row: Mapping[str, Any]) -> None:
    """Write a row, in the place of the one that it is newer than."""
    before = json.loads(path.read_bytes()) if path.exists() else []
    others = [one for one in before if conditions(one) != conditions(row)]
    made = sorted([*others, row], key=conditions)
    path.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def conditions(row: Mapping[str, Any]) -> list[str]:
    """Return what a newer row must share to take the place of an older one."""
    patches = row["patches"] if row["kind"] == "goal" else ""
    return [str(row[key]) for key in SAME] + [str(row.get("model", {})), str(patches)]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
