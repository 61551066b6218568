"""How cattrs makes domain objects of TOML tables: strictly, and with the keys that the files use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from functools import partial
from types import GenericAlias
from typing import Any, TypeVar, get_args, get_origin

from cattrs import Converter
from cattrs.gen import make_dict_structure_fn, override

from ttsopt.domain.patch import (
    Edit,
    EnsureImport,
    FileTarget,
    Insert,
    Note,
    Parameter,
    Replace,
    Scalar,
    SetArgument,
    SetConstant,
    SetDefault,
)

T = TypeVar("T")
Table = Mapping[str, Any]

# The key that tells the operation, the class it stands for, and how keys of the file map to its fields.
_COMMON = {
    "in": "scope",
    "optional": "optional",
    "when": "when",
    "minimum": "minimum",
    "maximum": "maximum",
}
OPERATIONS: Mapping[str, tuple[type[Edit], Mapping[str, str]]] = {
    "replace": (Replace, {"replace": "pattern", "with": "replacement"}),
    "insert": (Insert, {"insert": "code", "anchors": "anchors", "place": "place", "pick": "pick"}),
    "set_const": (SetConstant, {"set_const": "name", "old": "old", "new": "new"}),
    "set_default": (SetDefault, {"set_default": "name", "old": "old", "new": "new"}),
    "set_arg": (SetArgument, {"set_arg": "name", "call": "call", "old": "old", "new": "new"}),
    "ensure_import": (EnsureImport, {"ensure_import": "statement"}),
}
KINDS: Mapping[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "str": (str,),
}


def _edit(table: object, _: type[Edit]) -> Edit:
    if not isinstance(table, dict):
        raise TypeError("expected a table")
    keys = [key for key in OPERATIONS if key in table]
    if len(keys) != 1:
        raise ValueError(
            f"expected one operation out of {', '.join(OPERATIONS)}, found {', '.join(keys) or 'none'}"
        )
    if own := {"minimum", "maximum", "anchors", "place"} & table.keys():
        raise ValueError(f"extra fields found ({', '.join(sorted(own))})")
    kind, _names = OPERATIONS[keys[0]]
    changed = _with_bounds(table)
    return CONVERTER.structure(_with_anchors(changed) if kind is Insert else changed, kind)


def _with_bounds(table: Table) -> dict[str, Any]:
    """`expect = "1.."` as the fewest and the most places that must match."""
    changed = dict(table)
    if "expect" in changed:
        low, dots, high = str(changed.pop("expect")).partition("..")
        if not low.isdigit() or (high and not high.isdigit()):
            raise ValueError('expect is a number or a range: "1", "1..3", "1.."')
        changed["minimum"] = int(low)
        changed["maximum"] = int(high) if high else None if dots else int(low)
        if high and int(high) < int(low):
            raise ValueError("expect ends below its beginning")
    return changed


def _with_anchors(table: Table) -> dict[str, Any]:
    """`before = [...]` or `after = [...]` as anchors and the side they are on."""
    changed = dict(table)
    sides = [side for side in ("before", "after") if side in changed]
    if len(sides) != 1:
        raise ValueError("insert needs either `before` or `after`")
    if changed.get("pick", "first") not in {"first", "last"}:
        raise ValueError("pick is first or last")
    anchors = changed.pop(sides[0])
    changed["anchors"] = [anchors] if isinstance(anchors, str) else anchors
    return {"pick": "first" if sides == ["before"] else "last", **changed, "place": sides[0]}


def _note(table: object, _: type[Note]) -> Note:
    if not isinstance(table, dict) or ("if_defined" in table) == ("if_undefined" in table):
        raise ValueError("a note needs either `if_defined` or `if_undefined`")
    changed = dict(table)
    present = "if_defined" in changed
    changed["defines"] = changed.pop("if_defined" if present else "if_undefined")
    plain = make_dict_structure_fn(Note, CONVERTER, _cattrs_forbid_extra_keys=True)
    return plain({**changed, "present": present}, Note)


def _strict(kind: type[T]) -> Callable[[object, type[T]], T]:
    """Check the type: cattrs would turn `"7"` into 7; a catalogue says what it means."""

    def check(value: object, _: type[T]) -> T:
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise TypeError(f"expected {kind.__name__}, got {type(value).__name__}")
        return value

    return check


def _several(value: object, kind: Any) -> tuple[Any, ...]:
    """A list: cattrs would take a text for the list of its characters."""
    if not isinstance(value, list):
        raise TypeError(f"expected a list, got {type(value).__name__}")
    items: Any = GenericAlias(list, get_args(kind)[:1])
    return tuple(CONVERTER.structure(value, items))


def _is_tuple(kind: object) -> bool:
    return get_origin(kind) is tuple


def _checked_parameter(
    structure: Callable[[Any, Any], Parameter], table: object, _: Any
) -> Parameter:
    """A parameter of a kind that there is, whose default is of that kind."""
    made = structure(table, Parameter)
    if made.kind not in KINDS:
        raise ValueError(f"type is one of {', '.join(KINDS)}, not {made.kind!r}")
    named = isinstance(made.default, str) and made.default in made.named
    if type(made.default) not in KINDS[made.kind] and not named:
        raise ValueError(f"default {made.default!r} is no {made.kind}")
    return made


def _scalar(value: object, _: object) -> Scalar:
    if not isinstance(value, bool | int | float | str):
        raise TypeError(f"expected a value, got {type(value).__name__}")
    return value


def _number(value: object, _: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"expected a number, got {type(value).__name__}")
    return value


def _word(value: object, kind: type[Enum]) -> Enum:
    if value not in [member.value for member in kind]:
        raise ValueError(
            f"expected one of {', '.join(member.value for member in kind)}, got {value!r}"
        )
    return kind(value)


def _renaming(converter: Converter, kind: type, names: Mapping[str, str]) -> None:
    renames = {field: override(rename=key) for key, field in names.items() if key != field}
    structure: Callable[[Mapping[str, Any], Any], Any] = make_dict_structure_fn(
        kind,
        converter,
        _cattrs_forbid_extra_keys=True,
        **renames,  # type: ignore[arg-type]
    )
    converter.register_structure_hook(kind, structure)


def make_converter() -> Converter:
    """A converter that forbids unknown keys and gathers every problem."""
    converter = Converter(forbid_extra_keys=True, detailed_validation=True)
    for primitive in (str, int, bool):
        converter.register_structure_hook(primitive, _strict(primitive))
    converter.register_structure_hook_func(_is_tuple, _several)
    converter.register_structure_hook(Scalar, _scalar)
    converter.register_structure_hook(float | None, _number)
    converter.register_structure_hook_func(
        lambda kind: isinstance(kind, type) and issubclass(kind, Enum), _word
    )
    for kind, names in OPERATIONS.values():
        _renaming(converter, kind, {**_COMMON, **names})
    _renaming(converter, Parameter, {"type": "kind", "min": "minimum", "max": "maximum"})
    plain = converter.get_structure_hook(Parameter)
    converter.register_structure_hook(Parameter, partial(_checked_parameter, plain))
    converter.register_structure_hook(Edit, _edit)
    converter.register_structure_hook(Note, _note)
    _renaming(converter, FileTarget, {})
    return converter


CONVERTER = make_converter()
