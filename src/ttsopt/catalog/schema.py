"""What a `patch.toml` and a `system.toml` may hold: checked, and every problem told at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from cattrs import transform_error
from cattrs.v import format_exception

from ttsopt.catalog.converter import CONVERTER
from ttsopt.domain.patch import Patch
from ttsopt.domain.system import System

T = TypeVar("T")
Table = Mapping[str, Any]


class SchemaError(ValueError):
    """Everything that is wrong with a file, a line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def patch_from_table(table: Table) -> Patch:
    """A patch from the content of a `patch.toml`.

    Raises:
        SchemaError: What is wrong, with the key of each.
    """
    changed = _patch_table(table)
    try:
        return _structure(changed, Patch)
    except SchemaError as error:
        names = list(table.get("params", ()))
        raise SchemaError([_with_names(line, names) for line in error.problems]) from error


def system_from_table(table: Table) -> System:
    """A system from the content of a `system.toml`.

    Raises:
        SchemaError: As above.
    """
    system = _structure(table, System)
    if not system.layouts or not all(layout.files for layout in system.layouts):
        raise SchemaError(["layouts: a system needs a layout, and a layout a file to be told by"])
    return system


def _structure(table: object, kind: type[T]) -> T:
    try:
        return CONVERTER.structure(table, kind)
    except Exception as error:
        # cattrs gathers its findings in an exception group of no fixed type.
        found = transform_error(error, path="", format_exception=_words)
        raise SchemaError([_plain(line) for line in found]) from error


def _words(error: BaseException, kind: type | None) -> str:
    """What the checks below say; for what cattrs finds itself, its own words."""
    plain = type(error) in {TypeError, ValueError}
    return str(error) if plain else str(format_exception(error, kind))


def _with_names(line: str, names: list[str]) -> str:
    """The second table under `params` is `parameters[1]` here; say its name."""
    return re.sub(r"^parameters\[(\d+)\]", lambda at: f"params.{names[int(at[1])]}", line)


def _plain(line: str) -> str:
    problem, _, path = line.rpartition(" @ ")
    return f"{path.strip('.') or 'top level'}: {problem}"


def _patch_table(table: Table) -> dict[str, Any]:
    changed = dict(table)
    params = changed.pop("params", {})
    if not isinstance(params, dict):
        raise SchemaError(["params: expected tables, one a parameter"])
    changed["parameters"] = [{"name": name, **_mapping(value)} for name, value in params.items()]
    return changed


def _mapping(value: object) -> dict[str, Any]:
    return dict(value) if isinstance(value, dict) else {"type": value}
