"""Reads what was measured of the patches that come with ttsopt: `<system>.json`, one file a system."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from enum import Enum
from math import inf
from pathlib import Path
from re import fullmatch
from typing import Any

from ttsopt.boundary.parsing import load_json
from ttsopt.boundary.reading import TABLE, read_text
from ttsopt.catalog.location import catalogue_folder
from ttsopt.catalog.problems import SchemaError
from ttsopt.catalog.schema import Table, structured
from ttsopt.domain.device_class import ARM, UNKNOWN, VENDORS, X86
from ttsopt.domain.effect import Device
from ttsopt.domain.patch import Patch
from ttsopt.domain.patch_result import Measured, PatchResult, PatchResults, newest_first
from ttsopt.errors import CannotRunError

SCHEMA = 1
RESULTS = "results"  # in a wheel; pyproject.toml says so too
_PACKAGE = Path(__file__).resolve().parents[1]


def results_folder() -> Path:
    """Beside the package in a wheel, else among the documents of the repository; it need not be there."""
    packaged = _PACKAGE / RESULTS
    return packaged if packaged.is_dir() else _PACKAGE.parents[1] / "docs" / "results" / "patches"


def measured(patch: Patch, home: Path) -> Measured:
    """Return what was measured of a patch; nothing of one in a catalogue of the user's own. `home` is its folder.

    Raises:
        CannotRunError: The file is not as it should be.
    """
    if not is_shipped(home):
        return Measured(why_not="it comes from a catalogue of your own")
    results = results_of(patch.system)
    rows = newest_first([row for row in results.rows if row.patch == patch.id])
    if any(row.machine.gpu or patch.device is not Device.CUDA for row in rows):
        return Measured(rows)
    return Measured(rows, results.not_measured.get(patch.id) or _why_not(patch))


def is_shipped(home: Path) -> bool:
    """True if a patch whose folder is `home` comes with ttsopt, so that its results may too."""
    return home.resolve().is_relative_to(catalogue_folder().resolve())


def results_of(system: str) -> PatchResults:
    """All results of one system that come with ttsopt.

    Raises:
        CannotRunError: The file is not as it should be.
    """
    return read_results(results_folder() / f"{system}.json")


def read_results(file: Path) -> PatchResults:
    """All rows of one system; none where there is no such file.

    Raises:
        CannotRunError: It is not as it should be; the message has every problem with its key.
    """
    if not file.is_file():
        return PatchResults(file.stem)
    try:
        return results_from_table(load_json(read_text(file, TABLE)))
    except SchemaError as error:
        listed = "; ".join(": ".join(filter(None, row)) for row in error.rows)
    except (OSError, ValueError) as error:
        listed = str(error)
    raise CannotRunError("bad-results", f"{file}: {listed}", "Install ttsopt again, or mend it.")


def results_from_table(table: object) -> PatchResults:
    """The results in the content of such a file.

    Raises:
        SchemaError: What is wrong, with the key of each.
    """
    if not isinstance(table, dict) or table.get("schema") != SCHEMA:
        raise SchemaError([("schema", f"expected {SCHEMA}")])
    content: Table = {key: value for key, value in table.items() if key != "schema"}
    results = structured(content, PatchResults)
    if problems := list(_problems(results)):
        raise SchemaError(problems)
    return results


def table_of(results: PatchResults | PatchResult) -> dict[str, Any]:
    """The same as plain data, as the file has it, but for its `schema`."""
    return asdict(results, dict_factory=_plain)


def _plain(rows: list[tuple[str, Any]]) -> dict[str, Any]:
    return {key: value.value if isinstance(value, Enum) else value for key, value in rows}


def _problems(results: PatchResults) -> Iterator[tuple[str, str]]:
    for number, row in enumerate(results.rows):
        key = f"rows[{number}]"
        if not row.patch.startswith(f"{results.system}/"):
            yield f"{key}.patch", f"{row.patch} is no patch of {results.system}"
        yield from ((f"{key}.{where}", what) for where, what in _row_problems(row))
    for patch in results.not_measured:
        if not patch.startswith(f"{results.system}/"):
            yield "not_measured", f"{patch} is no patch of {results.system}"


def _row_problems(row: PatchResult) -> Iterator[tuple[str, str]]:
    if len(row.interval) != 2 or row.interval[0] is None:  # noqa: PLR2004 - its two ends
        yield "interval", "expected two ends"
    ends = [("interval", end) for end in row.interval]
    for key, value in (("speedup", row.speedup), ("memory", row.memory), ("load", row.load), *ends):
        if value is not None and not 0 <= value < inf:
            yield key, f"expected a ratio, got {value}"
    machine = row.machine
    for key, told, known in (
        ("vendor", machine.vendor, (*VENDORS, UNKNOWN)),
        ("instructions", machine.instructions, (*X86, *ARM, UNKNOWN)),
    ):
        if told and told not in known:
            yield f"machine.{key}", f"expected one of {', '.join(known)}, got {told!r}"
    if machine.compute_capability and not fullmatch(r"\d{1,2}\.\d", machine.compute_capability):
        yield "machine.compute_capability", "expected one such as 8.0"


def _why_not(patch: Patch) -> str:
    return "it needs a CUDA GPU" if patch.device is Device.CUDA else "nobody has done it yet"
