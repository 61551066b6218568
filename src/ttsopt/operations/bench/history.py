"""History: saved results of many commits, from a folder or a branch; those that can be compared, in order."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cattrs

from ttsopt.boundary.parsing import load_json
from ttsopt.boundary.reading import RESULT, read_bytes
from ttsopt.checkout.upstream.repository import Repository
from ttsopt.domain.measurement import Verdict
from ttsopt.errors import UsageError
from ttsopt.operations.bench.compare import SAME, SCHEMA, real_components

MOST = 1000  # files of a folder, or commits of a branch: the last ones
NO_RESULT = "no result of `ttsopt bench --save`"
_PARTS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class Found:
    """A file by its name, with its bytes, or why it has none."""

    name: str
    content: bytes = b""
    why: str = ""


@dataclass(frozen=True, slots=True)
class SideFigures:
    """RTF of a side, with both ends of its interval."""

    rtf: float
    rtf_interval: tuple[float, float | None]


@dataclass(frozen=True, slots=True)
class Ratio:
    """Before / after, with both ends of its interval."""

    value: float
    interval: tuple[float, float | None]
    rounds: int


@dataclass(frozen=True, slots=True)
class Result:
    """The parts of a saved result that a history needs."""

    schema: int
    system: str
    version: str
    commit: str | None
    date: str
    patches: tuple[str, ...]
    against: str
    before: SideFigures
    after: SideFigures
    speedup: Ratio
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Point:
    """A result of a file; `common` is what has to be the same for two of them to be of one thing."""

    file: str
    result: Result
    common: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class History:
    """Results that are comparable, in the order of commits; `left_out` are other files, and why."""

    points: tuple[Point, ...]
    left_out: tuple[tuple[str, str], ...]


def read_history(where: str) -> History:
    """Return the history in a folder, or on a branch of the repository around the working directory.

    Raises:
        UsageError: It is neither, or holds no result.
        CannotRunError: git cannot be run.
    """
    folder = Path(where)
    found = list(_in_folder(folder) if folder.is_dir() else _on_branch(where))
    points, left_out = [], []
    for file in found:
        point = _point(file)
        if point:
            points.append(point)
        else:
            left_out.append((file.name, file.why or NO_RESULT))
    if not points:
        message = f"{where} holds no result of `ttsopt bench --save`"
        hint = f"Save one there: ttsopt bench DIR --save {where}/NAME.json."
        raise UsageError("no-history", message, hint)
    if folder.is_dir():
        points.sort(key=lambda point: (point.result.date, natural(point.file)))
    return _comparable(points, left_out)


def natural(name: str) -> list[tuple[int, str]]:
    """Return a key by which numbers in names count by their value."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in _PARTS.split(name)]


# ---- files ----


def _in_folder(folder: Path) -> Iterator[Found]:
    names = [file.name for file in folder.glob("*.json") if not file.name.startswith(".")]
    for name in sorted(names, key=natural)[-MOST:]:
        try:
            yield Found(name, read_bytes(folder / name, RESULT))
        except OSError as error:
            yield Found(name, why=f"cannot be read: {error.strerror}")


def _on_branch(name: str) -> Iterator[Found]:
    """Give each version of each file once, the oldest commit's first."""
    here = Path.cwd()
    repository = Repository(here, here / ".git", programs=("never asked: nothing is fetched",))
    commit = repository.commit(name)
    if not commit:
        message = f"--history {name}: neither a folder nor a branch of the repository around {here}"
        hint = "Name a folder with files of --save, or fetch the branch: git fetch origin BRANCH:BRANCH"
        raise UsageError("no-history", message, hint)
    listed = repository.ask("rev-list", "--first-parent", f"--max-count={MOST}", commit)
    seen = set()
    for one in reversed(listed.split()):
        for path, entry in repository.tree(one).items():
            if path.endswith(".json") and entry.id not in seen and entry.size <= RESULT:
                seen.add(entry.id)
                yield Found(f"{one[:8]}:{path}", repository.blob(entry.id))


def _point(file: Found) -> Point | None:
    """Return the result of a file; None where it is none."""
    try:
        data = load_json(file.content)
        result = cattrs.structure(data, Result)
    except (ValueError, OverflowError, cattrs.BaseValidationError):
        return None
    is_right = result.schema == SCHEMA and _has_figures(result)
    return Point(file.name, result, _common(data)) if is_right else None


def _has_figures(result: Result) -> bool:
    """True if they are such as a benchmark gives: above 0, and finite; an interval may lack its upper end."""
    values = (result.before.rtf, result.after.rtf, result.speedup.value)
    intervals = (result.before.rtf_interval, result.after.rtf_interval, result.speedup.interval)
    ends = [end for interval in intervals for end in interval if end is not None]
    return all(0 < one < math.inf for one in values) and all(map(math.isfinite, ends))


# ---- what can be compared ----


def _common(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what has to be the same; of the machine its processor, the cores that may be used, its GPUs."""
    environment = data.get("environment")
    parts = environment if isinstance(environment, dict) else {}
    machine = parts.get("machine")
    known = machine if isinstance(machine, dict) else {}
    gpus = parts.get("gpus")
    names = (
        [one.get("name") for one in gpus if isinstance(one, dict)] if isinstance(gpus, list) else []
    )
    return {
        **{key: data.get(key) for key in SAME},
        "real_components": real_components(data),
        "cpu": known.get("cpu"),
        "cores": known.get("usable_cores"),
        "gpus": names,
        "resident": data.get("resident") is not None,
    }


def _comparable(points: Sequence[Point], left_out: Sequence[tuple[str, str]]) -> History:
    """Keep the largest group; of groups of one size that with the last result."""
    keys = [json.dumps(point.common, sort_keys=True) for point in points]
    counts = Counter(keys)
    last = {key: at for at, key in enumerate(keys)}
    chosen = max(counts, key=lambda key: (counts[key], last[key]))
    kept = tuple(point for point, key in zip(points, keys, strict=True) if key == chosen)
    others = [point for point, key in zip(points, keys, strict=True) if key != chosen]
    told = [(point.file, _differs(point.common, kept[0].common)) for point in others]
    return History(kept, (*left_out, *told))


def _differs(one: Mapping[str, Any], kept: Mapping[str, Any]) -> str:
    """Say in which terms a result is of another thing."""
    keys = [key for key in kept if one[key] != kept[key]]
    told = (f"{key} {one[key]}, not {kept[key]}" for key in keys if key != "texts")
    return "; ".join([*told, *["other texts"] * ("texts" in keys)])
