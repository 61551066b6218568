"""What a `patch.toml` and a `system.toml` may hold: checked, and every problem told at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from cattrs import BaseValidationError, ClassValidationError, IterableValidationError
from cattrs.errors import ForbiddenExtraKeysError

from ttsopt.catalog.converter import CONVERTER, key_of, keys_of
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
        return CONVERTER.structure(dict(table), kind)
    except (BaseValidationError, ValueError, TypeError) as error:
        raise SchemaError(_rows(error, "")) from error


def _rows(error: BaseException, path: str) -> Iterator[tuple[str, str]]:
    """The findings in an error of cattrs, which nests them as the tables are nested, with their keys."""
    match error:
        case KeyedError():
            for key, inner in error.rows:
                yield from _rows(inner, _below(path, key))
        case ForbiddenExtraKeysError():
            known = keys_of(error.cl)
            for key in sorted(error.extra_fields):
                yield _below(path, key), f"unknown key{_nearest(key, known)}"
        case BaseValidationError():
            yield from _nested(error, path)
        case KeyError():
            yield path, "required field missing"
        case _:
            yield path, str(error)


def _nested(error: BaseValidationError, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(error, ClassValidationError):
        for inner, note in error.group_exceptions()[0]:
            yield from _rows(inner, _below(path, key_of(error.cl, note.name)))
        rest = error.group_exceptions()[1]
    elif isinstance(error, IterableValidationError):
        for inner, index in error.group_exceptions()[0]:
            yield from _rows(inner, f"{path}[{index.index!r}]")
        rest = error.group_exceptions()[1]
    else:
        rest = list(error.exceptions)
    for one in rest:
        yield from _rows(one, path)


def _below(path: str, key: str) -> str:
    return ".".join(part for part in (path, key) if part)


def _nearest(key: str, known: tuple[str, ...]) -> str:
    import difflib

    near = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
    return f": did you mean {near[0]}?" if near else f": it takes {', '.join(known)}"
