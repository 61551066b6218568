"""Keeps what `ttsopt bench -p PATCH --save FILE` measured, as rows of docs/results/patches/<system>.json.

    patch_results.py [--of cpu|wall] [--note TEXT] [--instructions NAME] FILE ...
    patch_results.py --not-measured PATCH REASON

A row takes the place of that of the same patch, parameters, model, machine, threads, size and note. Of a run on
one thread without a GPU, the ratio is that of CPU time; of every other, that of wall time; `--of` says otherwise,
for a patch that saves waiting, not computing. Vendor and instruction set of the CPU are the result's own; for one
that was saved before they were kept, `--instructions` states what is known of its machine. Of `--each`, patches
that were measured alone are kept. `make pages` prints the rows in docs/catalogue.md, `ttsopt show` beside claims.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ttsopt.catalog.results import SCHEMA, read_results, results_from_table, table_of
from ttsopt.domain.device_class import ARM, X86
from ttsopt.domain.patch_result import PatchResult, PatchResults
from ttsopt.operations.bench.texts import TEXTS

RESULTS = Path(__file__).parents[1] / "docs" / "results" / "patches"
# Which kernel was built for this one machine is nobody's business, and tells nothing.
KERNEL = re.compile(r"^(\S+ \d+\.\d+).*")


def main(arguments: Sequence[str], folder: Path = RESULTS) -> int:
    """Write the rows of all files; 1 where a file holds none."""
    asked = parser().parse_args(arguments)
    if asked.not_measured:
        say_why_not(folder, *asked.not_measured)
    for file in asked.files:
        saved = json.loads(file.read_bytes())
        tables = [row_of(one, asked.of, asked.note) for one in single_patches(saved)]
        for table in tables:
            table["machine"]["instructions"] = (
                table["machine"]["instructions"] or asked.instructions
            )
        if not tables:
            print(f"{file}: no patch was measured alone", file=sys.stderr)
            return 1
        for table in tables:
            keep(folder, table)
    return 0


def parser() -> argparse.ArgumentParser:
    """Of the command line."""
    made = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    made.add_argument("files", nargs="*", type=Path, metavar="FILE")
    made.add_argument("--of", choices=["cpu", "wall"], default="")
    made.add_argument("--note", default="")
    made.add_argument("--instructions", choices=[*X86, *ARM], default="")
    made.add_argument("--not-measured", nargs=2, metavar=("PATCH", "REASON"))
    return made


def single_patches(saved: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The results in a file that are of one patch alone."""
    rows = saved.get("each", [{"kind": "alone", "patches": saved.get("patches"), "result": saved}])
    for row in rows:
        if row["kind"] == "alone" and row["patches"] and len(row["patches"]) == 1:
            yield row["result"]


def row_of(data: Mapping[str, Any], of: str = "", note: str = "") -> dict[str, Any]:
    """One result as a row of the file."""
    (tested,) = data["settings"]
    gpu = gpu_of(data)
    texts, languages = spoken(data["texts"])
    return {
        "patch": tested["patch"],
        "patch_version": tested["version"],
        "parameters": tested["parameters"],
        "version": data["version"],
        "commit": data["commit"],
        "model": {name: str(value) for name, value in data["after"]["model"].items()},
        **{key: data[key] for key in ("size", "weights", "threads", "hot", "stream")},
        **{key: data[key] for key in ("concurrency", "date", "ttsopt")},
        "texts": texts,
        "languages": languages,
        **outcome(data, of, gpu),
        "machine": machine_of(data, gpu),
        "note": note,
        "memory": memory_ratio(data, gpu),
        "load": significant(data["load_ratio"]["value"]) if data.get("load_ratio") else None,
    }


def outcome(data: Mapping[str, Any], of: str, gpu: str) -> dict[str, Any]:
    """Return what a run says: of which time, how fast with its interval and verdict, and what came out."""
    of, ratio, verdict = measure(data, of, gpu)
    return {
        "of": of,
        "rounds": ratio["rounds"],
        "speedup": significant(ratio["value"]),
        "interval": [None if end is None else significant(end) for end in ratio["interval"]],
        "verdict": verdict,
        "came_out": came_out(data["outputs"]),
    }


def measure(data: Mapping[str, Any], of: str, gpu: str) -> tuple[str, Mapping[str, Any], str]:
    """Of which time the ratio is, the ratio, its verdict. Of a run with `--hot`: that of the texts said again."""
    if data["hot_cache"]:
        again = data["hot_cache"]["speedup"]
        low, high = again["interval"]
        slower = high is not None and high < 1
        return "wall", again, "faster" if low > 1 else "slower" if slower else "inconclusive"
    computing = data["threads"] == 1 and not gpu and data["cpu_speedup"]
    if of == "cpu" or (not of and computing):
        return "cpu", data["cpu_speedup"], data["cpu_speedup"]["verdict"]
    return "wall", data["speedup"], data["verdict"]


def spoken(texts: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """The name of ttsopt's set of texts, and its languages; of other texts, the words."""
    known = {
        text: (which.value, name) for which, row in TEXTS.items() for name, text in row.items()
    }
    found = [known.get(text) for text in texts.values()]
    if None in found:
        return list(dict.fromkeys(texts.values())), []
    rows = [one for one in found if one]
    return list(dict.fromkeys(name for name, _ in rows)), list(dict.fromkeys(la for _, la in rows))


def came_out(outputs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Of all texts the worst."""
    return {
        "equal": all(row["equal"] for row in outputs),
        "tokens": lowest(row["token_agreement"] for row in outputs),
        "mel_db": highest(row["mel_db"] for row in outputs),
        "mel_db_worst": highest(row["mel_db_worst"] for row in outputs),
        "snr_db": lowest(None if row["equal"] else row["snr_db"] for row in outputs),
    }


def lowest(values: Iterator[float | None]) -> float | None:
    """Of those that are known."""
    known = [value for value in values if value is not None]
    return significant(min(known)) if known else None


def highest(values: Iterator[float | None]) -> float | None:
    """Of those that are known."""
    known = [value for value in values if value is not None]
    return significant(max(known)) if known else None


def significant(value: float) -> float:
    """No more digits than say anything."""
    return float(f"{value:.5g}")


def memory_ratio(data: Mapping[str, Any], gpu: str) -> float | None:
    """Peak memory, after / before: the GPU's where one was used; None where it is not known."""
    key = "peak_gpu_memory" if gpu else "peak_memory"
    before, after = data["before"].get(key), data["after"].get(key)
    return significant(after / before) if before and after else None


def machine_of(data: Mapping[str, Any], gpu: str) -> dict[str, Any]:
    """The machine, as a row has it."""
    machine, packages = (
        data["environment"]["machine"],
        data["environment"]["interpreter"]["packages"],
    )
    return {
        "cpu": machine["cpu"],
        "cores": machine["usable_cores"],
        "system": KERNEL.sub(r"\1", machine["system"]),
        "python": data["environment"]["interpreter"]["python"],
        "torch": packages.get("torch", ""),
        "onnxruntime": packages.get("onnxruntime", packages.get("onnxruntime-gpu", "")),
        "gpu": gpu,
        "vendor": machine.get("vendor", ""),
        "instructions": machine.get("instructions", ""),
        "compute_capability": data["environment"]["gpus"][0].get("compute_capability", "")
        if gpu
        else "",
    }


def gpu_of(data: Mapping[str, Any]) -> str:
    """The GPU that the run used, if it used one."""
    names = [gpu["name"] for gpu in data["environment"]["gpus"]]
    return ", ".join(names) if data["after"]["peak_gpu_memory"] else ""


def keep(folder: Path, table: Mapping[str, Any]) -> None:
    """Write a row, in the place of the one that it is newer than; its patch is no longer unmeasured."""
    system = table["patch"].partition("/")[0]
    (row,) = results_from_table({"schema": SCHEMA, "system": system, "rows": [table]}).rows
    before = read_results(folder / f"{system}.json")
    others = [one for one in before.rows if one.conditions != row.conditions]
    reasons = {patch: why for patch, why in before.not_measured.items() if patch != row.patch}
    write(folder, PatchResults(system, ordered([*others, row]), reasons))


def say_why_not(folder: Path, patch: str, why: str) -> None:
    """Keep the reason why a patch has no row."""
    system = patch.partition("/")[0]
    before = read_results(folder / f"{system}.json")
    reasons = {**before.not_measured, patch: why}
    write(folder, PatchResults(system, before.rows, reasons))


def ordered(rows: Sequence[PatchResult]) -> tuple[PatchResult, ...]:
    """The same rows give the same file."""
    return tuple(sorted(rows, key=lambda row: (row.patch, str(row.conditions))))


def write(folder: Path, results: PatchResults) -> None:
    """The file of one system."""
    table = {"schema": SCHEMA, **table_of(results)}
    table["not_measured"] = dict(sorted(table["not_measured"].items()))
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(table, indent=1, ensure_ascii=False)
    (folder / f"{results.system}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
