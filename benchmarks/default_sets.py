"""Keeps what whole sets of patches brought, as rows of docs/results/default-sets.json.

    default_sets.py original|former FILE ...

A FILE is what `ttsopt bench CHECKOUT --size real --resident --save FILE` wrote, of what `apply` takes by default:
held against the original or, with `--against DIR`, against a copy with what `apply` took formerly. A row takes the
place of that of the same system, baseline, processor and threads.
`benchmarks/defaults.py` prints the rows in docs/results/defaults.md.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from patch_results import came_out, gpu_of, machine_of, measure, memory_ratio, significant

ROWS = Path(__file__).parents[1] / "docs" / "results" / "default-sets.json"
SAME = ("system", "against", "size", "threads", "cpu", "instructions")
BASELINES = ("original", "former")


def main(arguments: Sequence[str], rows: Path = ROWS) -> int:
    """Write the rows of all files, with the baseline that the first argument names; 2 where it names none."""
    if not arguments or arguments[0] not in BASELINES:
        print(f"default_sets.py {'|'.join(BASELINES)} FILE ...", file=sys.stderr)
        return 2
    for name in arguments[1:]:
        keep(rows, row_of(json.loads(Path(name).read_bytes()), arguments[0]))
    return 0


def row_of(data: Mapping[str, Any], against: str) -> dict[str, Any]:
    """Return one result as a row, of CPU time where one thread computed."""
    gpu = gpu_of(data)
    of, ratio, verdict = measure(data, "", gpu)
    machine = machine_of(data, gpu)
    return {
        **{key: data[key] for key in ("system", "version", "commit", "size", "weights", "threads")},
        **{key: data[key] for key in ("date", "ttsopt")},
        "against": against,
        "patches": [tested["patch"] for tested in data["settings"]],
        "not_run": data["never_run"],
        "of": of,
        "rounds": ratio["rounds"],
        "speedup": significant(ratio["value"]),
        "interval": [None if end is None else significant(end) for end in ratio["interval"]],
        "verdict": verdict,
        "came_out": came_out(data["outputs"]),
        "memory": memory_ratio(data, gpu),
        **{key: machine[key] for key in ("cpu", "vendor", "instructions", "torch")},
    }


def keep(path: Path, row: Mapping[str, Any]) -> None:
    """Write a row, in the place of the one that it is newer than."""
    before = json.loads(path.read_bytes()) if path.exists() else []
    others = [one for one in before if any(one[key] != row[key] for key in SAME)]
    made = sorted([*others, row], key=lambda one: [str(one[key]) for key in SAME])
    path.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
