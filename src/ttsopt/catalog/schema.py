"""Content of a `patch.toml` and a `system.toml`: checked, and every problem told at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from ttsopt.catalog.converter import structure
from ttsopt.catalog.problems import KeyedError, SchemaError
from ttsopt.domain.patch import Patch
from ttsopt.domain.system import System

T = TypeVar("T")
Table = Mapping[str, Any]


def patch_from_table(table: Table) -> Patch:
    """A patch from the content of a `patch.toml`, as far as the file alone can tell whether it is right.

    Raises:
        SchemaError: What is wrong, with the key of each.
    """
    return structured(table, Patch)


def system_from_table(table: Table) -> System:
    """A system from the content of a `system.toml`.

    Raises:
        SchemaError: As above.
    """
    system = structured(table, System)
    if not system.layouts or not all(layout.files for layout in system.layouts):
        message = "a system needs a layout, and a layout a file to be told by"
        raise SchemaError([("layouts", message)])
    return system


def structured(table: Table, kind: type[T]) -> T:
    """A table as an object of that class.

    Raises:
        SchemaError: What is wrong, with the key of each.
    """
    try:
        return structure(dict(table), kind)
    except (ValueError, TypeError) as error:
        raise SchemaError(_rows(error, "")) from error


def _rows(error: BaseException, path: str) -> Iterator[tuple[str, str]]:
    """Yield the findings in an error, which nests them as the tables are nested, with their keys."""
    if not isinstance(error, KeyedError):
        yield path, str(error)
        return
    for key, inner in error.rows:
        yield from _rows(inner, _below(path, key))


def _below(path: str, key: str) -> str:
    """Join keys with a dot; `[0]` and `['name']` follow without one."""
    return path + key if key.startswith("[") else ".".join(filter(None, (path, key)))
