"""Jobs and their outcomes as text in a database, read strictly: whoever can write there is not trusted."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from ttsopt.bench.stats.pairs import PAIRS
from ttsopt.boundary.parsing import load_json
from ttsopt.domain.measurement import Verdict
from ttsopt.domain.patch import Scalar
from ttsopt.operations.tune.model import BROKEN, Chosen, Job, Kind, Measured, PatchSet

LONGEST = 64 * 1024  # letters of a job or an outcome; one of forty patches has some thousand
MOST_PATCHES = 1000
MOST_WORDS = 2000  # letters of a sentence
MOST_ROUNDS = 1000  # of a line
VERDICTS = {BROKEN, *(row.value for row in Verdict)}
QUALITIES = {"", "passed", "failed", "undecided", "unverified"}


def job_text(job: Job) -> str:
    """A job as JSON: the same job is the same text."""
    table = {
        "kind": job.kind.value,
        "before": [[one.patch, dict(one.values)] for one in job.before],
        "after": [[one.patch, dict(one.values)] for one in job.after],
        "turn": job.turn,
    }
    return json.dumps(table, sort_keys=True, separators=(",", ":"))


def read_job(text: object) -> Job:
    """Read a job.

    Raises:
        ValueError: It is none.
    """
    table = _table(text, {"kind", "before", "after", "turn"})
    return Job(
        Kind(table["kind"]),
        _patches(table["before"]),
        _patches(table["after"]),
        _count(table["turn"]),
    )


def measured_text(row: Measured) -> str:
    """An outcome as JSON."""
    table = {name: getattr(row, name) for name in Measured.__dataclass_fields__}
    return json.dumps(table | {"why": row.why[:MOST_WORDS]}, sort_keys=True)


def read_measured(text: object) -> Measured:
    """Read an outcome.

    Raises:
        ValueError: It is none.
    """
    table = _table(text, set(Measured.__dataclass_fields__))
    return Measured(
        verdict=_word(table["verdict"], VERDICTS),
        speedup=_positive(table["speedup"]),
        low=_number(table["low"]),
        high=_number(table["high"]),
        surely=_number(table["surely"]),
        rounds=_count(table["rounds"]),
        seconds=_number(table["seconds"]) or 0.0,
        distance=_number(table["distance"]),
        quality=_word(table["quality"], QUALITIES),
        why=_text(table["why"]),
        lines=_lines(table["lines"]),
        is_open=_flag(table["is_open"]),
    )


def _table(text: object, keys: set[str]) -> Mapping[str, Any]:
    if not isinstance(text, str) or len(text) > LONGEST:
        raise ValueError("it is no text of that length")
    table = load_json(text)
    if not isinstance(table, dict) or set(table) != keys:
        raise ValueError(f"it has not the keys {', '.join(sorted(keys))}")
    return table


def _patches(rows: object) -> PatchSet:
    if not isinstance(rows, list) or len(rows) > MOST_PATCHES:
        raise ValueError("a set is a list of patches")
    found = tuple(_chosen(row) for row in rows)
    if [one.patch for one in found] != sorted({one.patch for one in found}):
        raise ValueError("the patches of a set are each there once, in the order of their ids")
    return found


def _chosen(row: object) -> Chosen:
    match row:
        case [str(patch), dict(values)]:
            return Chosen(patch, tuple(sorted((name, _scalar(values[name])) for name in values)))
    raise ValueError("a patch is its id and its values")


def _scalar(value: object) -> Scalar:
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("a value is not finite")
    if isinstance(value, bool | int | float | str):
        return value
    raise ValueError("a value is a number, a text, true or false")


def _number(value: object) -> float | None:
    """A finite number that is not negative, or None."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("it is no number")  # noqa: TRY004 - of a text
    if not 0 <= value < math.inf:
        raise ValueError("it is negative or not finite")
    return float(value)


def _positive(value: object) -> float:
    found = _number(value)
    if not found:
        raise ValueError("a speedup is above 0")
    return found


def _lines(rows: object) -> tuple[tuple[float, ...], ...]:
    if not isinstance(rows, list) or len(rows) > PAIRS:
        raise ValueError("rounds are in a line, or in one for each pair")
    if any(not isinstance(row, list) or len(row) > MOST_ROUNDS for row in rows):
        raise ValueError("a line is a list of ratios")
    return tuple(tuple(_positive(one) for one in row) for row in rows)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("it is neither true nor false")  # noqa: TRY004 - of a text
    return value


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("it is no count")
    return value


def _word(value: object, known: set[str]) -> str:
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"it is none of {', '.join(sorted(filter(None, known)))}")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > MOST_WORDS:
        raise ValueError("it is no sentence")
    return value
