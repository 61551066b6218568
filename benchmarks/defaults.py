"""Writes docs/results/defaults.md: what `ttsopt apply` takes by default on real checkouts, by class of device.

    TTSOPT_UPSTREAMS=DIR defaults.py

DIR holds a clone of each upstream, as `make test-upstream` wants it. Nothing is written there, and nothing is run.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from default_sets import ROWS, is_faster
from page_tables import difference, line

from ttsopt.bench.report.words import interval
from ttsopt.domain.device_class import ANY_DEVICE, DeviceClass, parse_device
from ttsopt.domain.evidence_level import Level
from ttsopt.domain.plan import PlannedPatch, Status
from ttsopt.operations.locate import Target
from ttsopt.operations.plan.selection import Selection
from ttsopt.operations.planning import Planned, PlanRequest, make_plan

PAGE = Path(__file__).parents[1] / "docs" / "results" / "defaults.md"
# Each with the number of patches that ttsopt of commit 3040ba9 took of it by default, whatever the device.
CHECKOUTS = {
    "CosyVoice": 12,
    "F5-TTS": 4,
    "GPT-SoVITS": 9,
    "index-tts": 3,
    "MockingBird": 5,
    "Step-Audio-EditX": 11,
}
CLASSES = ("cpu:intel:amx", "cpu:amd:avx512", "cpu:amd:avx512-bf16", "cuda:9.0")
HEAD = """\
# What apply takes by default

`ttsopt apply CHECKOUT` on the newest commit of each upstream that was at hand, by class of device (`--device`):
the patches that are proven or argued there ([how](../decisions/0032-evidence-decides-the-default.md)). *Formerly*
is what it took before evidence was asked for: every patch that fitted and was not lossy, whatever the device.
*All* is that by today's patches, which `--all` takes.

Made by `TTSOPT_UPSTREAMS=DIR python benchmarks/defaults.py` from `patches/`, `docs/results/patches/` and, for the
gain of whole sets, [default-sets.json](default-sets.json).
"""
SETS = """\
## What the sets bring

`ttsopt bench CHECKOUT --rtf --resident --size real --threads 1 --metric cpu`: what `apply` takes by default on
the machine named. Published size, random weights, each round a text that was not heard before; *output* is the
worst of all texts. A verdict needs two pairs of processes that agree beyond 3 %
([how](../decisions/0031-resident-processes.md)).
"""
FORMER = """\
### Against what the default was

The same with `--against COPY`: in the copy lies what `apply` took by default before evidence was asked for, as
ttsopt of commit 3040ba9 applied it (*formerly* above). Above 1, today's default is the faster one.
"""
LEFT_OUT = """\
## What is left out

On a class of its own, each for the reason that `apply` says. `-p PATCH` takes one, `--all` all of them.
"""

GAIN = ("gain", "output", "memory", "processor")
RULE = ("---:", "---", "---:", "---")
Plans = Mapping[str, Mapping[str, Planned]]  # by checkout and class; `all` is one of the classes


def main() -> int:
    """Write the page; 2 where no folder of clones is named."""
    clones = os.environ.get("TTSOPT_UPSTREAMS")
    if not clones:
        print("TTSOPT_UPSTREAMS=DIR names the folder of the clones", file=sys.stderr)
        return 2
    plans = {name: dict(planned(Path(clones) / name)) for name in CHECKOUTS}
    parts = [HEAD, *counts(plans), *sets(), *(section(name, plans[name]) for name in CHECKOUTS)]
    parts += [LEFT_OUT, *(left_out(name, plans[name]) for name in CHECKOUTS)]
    PAGE.write_text("\n".join(parts).rstrip("\n") + "\n", encoding="utf-8")
    print(f"{PAGE}: written")
    return 0


def planned(checkout: Path) -> Iterator[tuple[str, Planned]]:
    """Plan a checkout for every class, and with everything."""
    yield "all", plan(checkout, ANY_DEVICE, everything=True)
    for name in CLASSES:
        yield name, plan(checkout, parse_device(name), everything=False)


def plan(checkout: Path, device: DeviceClass, *, everything: bool) -> Planned:
    """Plan as `apply` does."""
    choice = Selection(device=device, everything=everything)
    return make_plan(PlanRequest(Target(checkout), choice))


def taken(one: Planned) -> tuple[PlannedPatch, ...]:
    """Return the patches that would be applied."""
    return one.plan.having(Status.APPLIED)


def counts(plans: Plans) -> Iterator[str]:
    """Yield the table of numbers."""
    yield line("checkout", "version", "formerly", "all", *CLASSES)
    yield line(*["---"] * 2, *["---:"] * (len(CLASSES) + 2))
    numbers = []
    for name, rows in plans.items():
        numbers.append([CHECKOUTS[name], *(len(taken(one)) for one in rows.values())])
        version = rows["all"].located.systems[0].version.label
        yield line(name, version, *map(str, numbers[-1]))
    yield line("**all six**", "", *(f"**{sum(column)}**" for column in zip(*numbers, strict=True)))
    yield ""


def sets(path: Path = ROWS) -> Iterator[str]:
    """Yield what whole sets brought, against the original and against what the default was."""
    rows = json.loads(path.read_bytes())
    yield SETS
    yield line("system", "patches", *GAIN)
    yield line("---", "---:", *RULE)
    for row in (row for row in rows if row["kind"] == "default"):
        yield line(speaker(row), str(len(row["patches"])), *gain_of(row))
    yield f"\n{FORMER}"
    yield line("system", *GAIN)
    yield line("---", *RULE)
    for row in (row for row in rows if row["kind"] == "former"):
        yield line(speaker(row), *gain_of(row))
    yield ""


def gain_of(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the cells of what a set brought."""
    bounds = interval(row["interval"], 2)
    gain = f"{row['speedup']:.2f}x ({bounds}), {verdict(row)}, {row['rounds']} rounds"
    memory = f"{row['memory']:.2f}x" if row["memory"] else ""
    at = f"{row['cpu']}, {row['vendor']}:{row['instructions']}"
    return gain, difference(row["came_out"]), memory, at


def speaker(row: Mapping[str, Any]) -> str:
    """Return the system and, where its workload says so, which of its models spoke."""
    models = [name.rpartition(".")[2] for name in row.get("model", {}).values()]
    return f"{row['system']} ({', '.join(models)})" if models else str(row["system"])


def verdict(row: Mapping[str, Any]) -> str:
    """Return the verdict, or, where patches of the set are for other models, what is known without it."""
    if not row["not_run"]:
        return str(row["verdict"])
    side = "faster" if is_faster(row) else "undecided"
    return f"{side} ({len(row['not_run'])} of them not run by this model)"


def section(name: str, rows: Mapping[str, Planned]) -> str:
    """Return what is taken of one checkout, on which class by which evidence."""
    found = {row.patch.id: row.patch for one in rows.values() for row in taken(one)}
    levels = {kind: {row.patch.id: row for row in taken(rows[kind])} for kind in CLASSES}
    lines = [f"## {name}\n", line("patch", "effect", *CLASSES), line(*["---"] * (len(CLASSES) + 2))]
    for patch in sorted(found):
        cells = [cell(levels[kind].get(patch)) for kind in CLASSES]
        if any(cells):
            lines.append(line(patch, found[patch].effect.value, *cells))
    return "\n".join([*lines, ""])


def cell(row: PlannedPatch | None) -> str:
    """Return the level of a patch that is taken, with the figure of its class, if there is one."""
    evidence = row.evidence if row else None
    if evidence is None:
        return ""
    figure = f" {evidence.row.ratio}" if evidence.row and evidence.is_here else ""
    return f"{evidence.level.value}{figure}"


def left_out(name: str, rows: Mapping[str, Planned]) -> str:
    """Return what a plain apply leaves out of those that `--all` takes, and why."""
    every = {row.patch.id for row in taken(rows["all"])}
    reasons: dict[str, dict[str, str]] = {}
    for kind in CLASSES:
        for row in rows[kind].plan.having(Status.SKIPPED):
            if row.patch.id in every and row.evidence and row.why == "evidence":
                reasons.setdefault(row.patch.id, {})[kind] = _reason(row)
    lines = [f"### {name}\n", line("patch", *CLASSES), line(*["---"] * (len(CLASSES) + 1))]
    lines += [
        line(patch, *(by.get(kind, "") for kind in CLASSES))
        for patch, by in sorted(reasons.items())
    ]
    return "\n".join([*lines, ""])


def _reason(row: PlannedPatch) -> str:
    unmeasured = row.evidence is not None and row.evidence.level is Level.UNMEASURED
    return row.reason.removeprefix("unmeasured here; ") if unmeasured else row.reason


if __name__ == "__main__":
    raise SystemExit(main())
