"""Compare: two results that `ttsopt bench --save` wrote, of one machine unless somebody insists."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cattrs

from ttsopt.bench.stats.sequential import FALSE_ALARMS, verdict
from ttsopt.bench.stats.statistics import SAME_MARGIN
from ttsopt.bench.stats.unpaired import unpaired_ratio
from ttsopt.boundary.parsing import load_json
from ttsopt.boundary.reading import RESULT, read_bytes
from ttsopt.domain.measurement import Estimate, Verdict
from ttsopt.errors import CannotRunError, RefusedError, UsageError

SCHEMA = 1
PARTS = ("machine", "interpreter")
# What has to be the same for two figures to be of one thing.
SAME = ("system", "size", "weights", "threads", "texts", "stream", "hot", "concurrency")


@dataclass(frozen=True, slots=True)
class _Figures:
    rtf: float


@dataclass(frozen=True, slots=True)
class _Round:
    before: _Figures
    after: _Figures


@dataclass(frozen=True, slots=True)
class Saved:
    """The parts of a saved result that a comparison needs."""

    schema: int
    system: str
    version: str
    patches: tuple[str, ...]
    environment: Mapping[str, Any]
    rounds: tuple[_Round, ...]

    @property
    def before(self) -> tuple[float, ...]:
        """RTF of the before side, per round."""
        return tuple(row.before.rtf for row in self.rounds)

    @property
    def after(self) -> tuple[float, ...]:
        """RTF of the after side, per round."""
        return tuple(row.after.rtf for row in self.rounds)

    @property
    def speedups(self) -> tuple[float, ...]:
        """Per round, paired."""
        return tuple(row.before.rtf / row.after.rtf for row in self.rounds)


@dataclass(frozen=True, slots=True)
class Compared:
    """The second result against the first; above 1, the second is faster.

    `drift` is the ratio of the two before sides: of the same tree, only the machine changed. `speedup` is the
    ratio of the two speedups, in which a drift that is common to both sides of a run cancels; the verdict is its.
    """

    first: Saved
    second: Saved
    after: Estimate
    drift: Estimate
    speedup: Estimate
    verdict: Verdict
    differences: tuple[str, ...]


def compare_results(first: Path, second: Path, *, other_machine: bool = False) -> Compared:
    """Compare two files.

    Raises:
        UsageError: A file that is none of `--save`, or results of different things.
        RefusedError: Results of different machines, without `other_machine`.
        CannotRunError: A file cannot be read.
    """
    (a, raw_a), (b, raw_b) = _load(first), _load(second)
    for key, value, other in _options(raw_a, raw_b):
        if value != other:
            message = f"{key} differs: {value!r} in {first}, {other!r} in {second}"
            raise UsageError("not-comparable", message, "Measure both with the same options.")
    differences = tuple(_differences(a.environment, b.environment))
    if differences and not other_machine:
        listed = [f"  {row}" for row in differences]
        message = "the results are of different machines:"
        hint = "--other-machine compares them all the same; a ratio of two machines says little."
        raise RefusedError("other-machine", message, hint, listed)
    speedup = unpaired_ratio(b.speedups, a.speedups)
    certain = unpaired_ratio(b.speedups, a.speedups, 1 - FALSE_ALARMS)
    return Compared(
        a,
        b,
        unpaired_ratio(a.after, b.after),
        unpaired_ratio(a.before, b.before),
        speedup,
        verdict(speedup.interval, certain.interval, SAME_MARGIN),
        differences,
    )


def _options(
    first: Mapping[str, Any], second: Mapping[str, Any]
) -> Iterator[tuple[str, object, object]]:
    """Return what has to be the same, with the values of both results; of mixed weights, which are real."""
    yield from ((key, first.get(key), second.get(key)) for key in SAME)
    yield "real components", real_components(first), real_components(second)


def real_components(result: Mapping[str, Any]) -> list[object]:
    """Return the names of components whose weights were real."""
    rows = result.get("components")
    rows = rows if isinstance(rows, list) else []
    return [row.get("name") for row in rows if isinstance(row, dict) and row.get("real")]


def _load(file: Path) -> tuple[Saved, Mapping[str, Any]]:
    try:
        data = load_json(read_bytes(file, RESULT))
        saved = cattrs.structure(data, Saved)
    except OSError as error:
        message = f"{file} cannot be read: {error.strerror}"
        raise CannotRunError("unreadable", message, "Name a file of --save.") from error
    except (ValueError, cattrs.BaseValidationError) as error:
        message = f"{file} is no result of `ttsopt bench --save`"
        raise UsageError(
            "bad-result", message, "Save one: ttsopt bench DIR --save FILE."
        ) from error
    figures = (*saved.before, *saved.after)
    if not all(0 < rtf < math.inf for rtf in figures) or not _is_of_parts(saved.environment):
        message = f"{file} is no result of `ttsopt bench --save`"
        raise UsageError("bad-result", message, "Save one: ttsopt bench DIR --save FILE.")
    if saved.schema != SCHEMA or not saved.rounds:
        message = f"{file} has schema {saved.schema} and {len(saved.rounds)} rounds"
        raise UsageError("bad-result", message, "Measure again with this ttsopt.")
    return saved, data


def _is_of_parts(environment: Mapping[str, Any]) -> bool:
    return all(isinstance(environment.get(part, {}), dict) for part in PARTS)


def _differences(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[str]:
    """List differences of the machine and of the packages."""
    rows = []
    for part in PARTS:
        old, new = a.get(part, {}), b.get(part, {})
        keys = sorted({*old, *new} - {"chosen"})
        different = (key for key in keys if old.get(key) != new.get(key))
        rows += [f"{key}: {old.get(key)} and {new.get(key)}" for key in different]
    return rows
