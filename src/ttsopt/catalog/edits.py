"""How a table under `[[files.edits]]` becomes an edit; what its operation takes is said in `domain/edits/`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ttsopt.catalog.problems import KeyedError
from ttsopt.domain.edits import OPERATIONS
from ttsopt.domain.patch import Edit, Table, WrongKeys

# Fields of an edit that the file writes in another way, such as `expect`.
COMPUTED = {name for kind in OPERATIONS.values() for name in kind.computed}


def structure_edit(structure: Callable[[object, type[Edit]], Edit], table: object) -> Edit:
    """Return an edit of a table of the file; `structure` makes one of a table that has its fields alone.

    Raises:
        ValueError: It has no operation, or two.
        KeyedError: Everything else that is wrong, by key.
    """
    if not isinstance(table, dict):
        raise TypeError("expected a table")
    kind = OPERATIONS[_operation(table)]
    found: WrongKeys = [(key, ValueError("unknown key")) for key in table if key in COMPUTED]
    plain = {key: value for key, value in table.items() if key not in COMPUTED}
    plain = kind.prepared(plain, found)
    bounds = _bounds(plain, found)  # after variants got theirs
    try:
        made = structure(plain, kind)
    except KeyedError as error:
        raise KeyedError([*found, *error.rows]) from error
    if found:
        raise KeyedError(found)
    return replace(made, **bounds) if bounds else made


def _operation(table: Table) -> str:
    keys = [key for key in OPERATIONS if key in table]
    if len(keys) != 1:
        known, given = ", ".join(OPERATIONS), ", ".join(keys) or "none"
        raise ValueError(f"expected one operation out of {known}, found {given}")
    return keys[0]


def _bounds(table: Table, found: WrongKeys) -> dict[str, Any]:
    """`expect = "1.."` as the fewest and the most places that must match; 0 of them is `optional`.

    `"2+"` is two or more, which have to be alike.
    """
    if "expect" not in table:
        return {}
    text = str(table.pop("expect"))
    low, dots, high = text.removesuffix("+").partition("..")
    alike = text.endswith("+")
    if not _number(low) or (high and not _number(high)) or (alike and dots):
        found.append(("expect", ValueError('a number or a range: "1", "1..3", "1..", "1+"')))
        return {}
    if high and int(high) < int(low):
        found.append(("expect", ValueError("it ends below its beginning")))
    most = int(high) if high else None if dots or alike else int(low)
    return {"minimum": int(low), "maximum": most, "alike": alike}


def _number(text: str) -> bool:
    return text.isascii() and text.isdigit()
