"""How a table under `[[files.edits]]` becomes an edit: one entry an operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from cattrs import BaseValidationError, Converter

from ttsopt.catalog.problems import KeyedError
from ttsopt.domain.edits import (
    AddFile,
    AnyOf,
    Decorate,
    Delete,
    EnsureImport,
    Insert,
    Replace,
    SetArgument,
    SetConstant,
    SetDefault,
    SetToml,
    SetYaml,
)
from ttsopt.domain.patch import Edit

Table = dict[str, Any]
Rows = list[tuple[str, BaseException]]

# The key that tells the operation, the class it stands for, and those of its fields that have another key.
OPERATIONS: Mapping[str, tuple[type[Edit], Mapping[str, str]]] = {
    "replace": (Replace, {"pattern": "replace", "replacement": "with"}),
    "insert": (Insert, {"code": "insert"}),
    "delete": (Delete, {"pattern": "delete"}),
    "decorate": (Decorate, {"decorator": "decorate"}),
    "set_const": (SetConstant, {"name": "set_const"}),
    "set_default": (SetDefault, {"name": "set_default"}),
    "set_arg": (SetArgument, {"name": "set_arg"}),
    "ensure_import": (EnsureImport, {"statement": "ensure_import"}),
    "add_file": (AddFile, {"helper": "add_file", "names": "import"}),
    "set_yaml": (SetYaml, {"key": "set_yaml"}),
    "set_toml": (SetToml, {"key": "set_toml"}),
    "any_of": (AnyOf, {"variants": "any_of"}),
}
# Fields of an edit that the file writes in another way: `expect`, and the side of an insertion.
COMPUTED = ("minimum", "maximum", "alike", "anchors", "place")
SHARED = ("in", "expect", "optional", "when")
NO_VARIANT = ("any_of", "add_file", "ensure_import")


def structure_edit(converter: Converter, table: object) -> Edit:
    """An edit of a table of the file.

    Raises:
        ValueError: It has no operation, or two.
        KeyedError: Everything else that is wrong, by key.
    """
    if not isinstance(table, dict):
        raise TypeError("expected a table")
    operation = _operation(table)
    kind, _names = OPERATIONS[operation]
    found: Rows = [(key, ValueError("unknown key")) for key in COMPUTED if key in table]
    plain = {key: value for key, value in table.items() if key not in COMPUTED}
    if kind in _PREPARE:
        plain = _PREPARE[kind](plain, found)
    bounds = _bounds(plain, found)  # after variants got theirs
    made = _structure(converter, plain, kind, found)
    if made is None or found:
        raise KeyedError(found)
    return replace(made, **bounds) if bounds else made


def _structure(converter: Converter, table: Table, kind: type[Edit], found: Rows) -> Edit | None:
    try:
        made: Edit = converter.structure(table, kind)
    except BaseValidationError as error:
        found.append(("", error))
        return None
    return made


def _operation(table: Table) -> str:
    keys = [key for key in OPERATIONS if key in table]
    if len(keys) != 1:
        known, given = ", ".join(OPERATIONS), ", ".join(keys) or "none"
        raise ValueError(f"expected one operation out of {known}, found {given}")
    return keys[0]


def _bounds(table: Table, found: Rows) -> dict[str, Any]:
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


def _with_anchors(table: Table, found: Rows) -> Table:
    """`before = [...]` or `after = [...]` as anchors and the side they are on."""
    sides = [side for side in ("before", "after") if side in table]
    rest = {key: value for key, value in table.items() if key not in sides}
    if len(sides) != 1:
        found.append(("", ValueError("insert needs either `before` or `after`")))
    if rest.get("pick", "first") not in {"first", "last"}:
        found.append(("pick", ValueError("it is first or last")))
    anchors = table[sides[0]] if sides else ["_"]
    if anchors == []:
        found.append((sides[0], ValueError("expected at least one statement")))
    listed = [anchors] if isinstance(anchors, str) else anchors
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        found.append((sides[0], TypeError("expected a statement, or a list of them")))
        listed = ["_"]
    place = sides[0] if sides else "before"
    return {
        "pick": "first" if place == "before" else "last",
        **rest,
        "anchors": listed,
        "place": place,
    }


def _with_old(table: Table, found: Rows) -> Table:
    """With `add` there may be no old value; without it, one must be told from another."""
    if table.get("add") is True:
        return {"old": [], **table}
    return _checked_old(table, found)


def _checked_old(table: Table, found: Rows) -> Table:
    if table.get("old") == []:
        found.append(("old", ValueError("expected at least one value")))
    return table


def _with_names(table: Table, found: Rows) -> Table:
    if table.get("import") == []:
        found.append(("import", ValueError("expected at least one name")))
    return table


def _with_variants(table: Table, found: Rows) -> Table:
    """Every variant gets what it has not itself of `in`, `expect`, `optional` and `when`."""
    variants = table.get("any_of")
    if not isinstance(variants, list) or len(variants) < 2:  # noqa: PLR2004
        found.append(("any_of", ValueError("expected a list of at least two variants")))
        return {**table, "any_of": []}
    given = {key: table[key] for key in SHARED if key in table}
    for number, variant in enumerate(variants):
        if isinstance(variant, dict) and (other := set(NO_VARIANT) & variant.keys()):
            words = f"{other.pop()} cannot be a variant: it stands beside the others"
            found.append((f"any_of[{number}]", ValueError(words)))
    return {
        **table,
        "any_of": [{**given, **one} if isinstance(one, dict) else one for one in variants],
    }


_PREPARE: Mapping[type[Edit], Callable[[Table, Rows], Table]] = {
    Insert: _with_anchors,
    SetYaml: _with_old,
    SetToml: _with_old,
    SetConstant: _checked_old,
    SetDefault: _checked_old,
    SetArgument: _checked_old,
    AddFile: _with_names,
    AnyOf: _with_variants,
}
