"""How cattrs makes domain objects of TOML tables: strictly, and with the keys that the files use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from types import GenericAlias
from typing import Any, TypeVar, get_args, get_origin

from cattrs import Converter
from cattrs.gen import make_dict_structure_fn, override

from ttsopt.catalog.edits import structure_edit
from ttsopt.catalog.problems import KeyedError
from ttsopt.domain.edits import OPERATIONS
from ttsopt.domain.patch import Edit, Fact, FileTarget, Note, Parameter, Patch, Scalar
from ttsopt.domain.system import Layout

T = TypeVar("T")

# Fields whose key in the file is another word, by class; and fields that no key gives.
RENAMED: Mapping[type, Mapping[str, str]] = {
    **{
        kind: {one.name: kind.file_key(one.name) for one in fields(kind)}
        for kind in OPERATIONS.values()
    },
    Parameter: {"kind": "type", "minimum": "min", "maximum": "max"},
    FileTarget: {"base": "scope"},
    Fact: {"base": "scope"},
    Patch: {"parameters": "params"},
}
COMPUTED: Mapping[type, tuple[str, ...]] = {Patch: ("rank", "helpers"), Layout: ("folder",)}


def key_of(kind: type, field: str) -> str:
    """How the file writes a field."""
    return RENAMED.get(kind, {}).get(field, field)


def keys_of(kind: type) -> tuple[str, ...]:
    """The keys that a table of that kind may have."""
    if kind is Note:
        return ("text", "paths", "if_defined", "if_undefined", "when", "unless")
    if issubclass(kind, Edit):
        return (*_keys(kind, kind.computed), *kind.further_keys)
    return _keys(kind, COMPUTED.get(kind, ()))


def _keys(kind: type, hidden: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(key_of(kind, one.name) for one in fields(kind) if one.name not in hidden)


def make_converter() -> Converter:
    """A converter that forbids unknown keys and gathers every problem."""
    converter = Converter(forbid_extra_keys=True, detailed_validation=True)
    for primitive in (str, int, bool):
        converter.register_structure_hook(primitive, _strict(primitive))
    converter.register_structure_hook_func(
        _is_tuple, lambda value, kind: _list(converter, value, kind)
    )
    converter.register_structure_hook(Scalar, _scalar)
    converter.register_structure_hook(Scalar | None, _scalar)
    converter.register_structure_hook(float, _number)
    converter.register_structure_hook(float | None, _maybe_number)
    converter.register_structure_hook_func(_is_word, _word)
    converter.register_structure_hook_factory(is_dataclass, lambda kind: _table(converter, kind))
    # By identity: a hook for a class would take its subclasses too.
    converter.register_structure_hook_func(
        lambda kind: kind is Edit, lambda table, _: structure_edit(converter, table)
    )
    converter.register_structure_hook_func(
        lambda kind: kind is Note, lambda table, _: _note(converter, table)
    )
    converter.register_structure_hook_func(
        lambda kind: kind == tuple[Parameter, ...],
        lambda table, _: _parameters(converter, table),
    )
    return converter


def _table(converter: Converter, kind: type[T]) -> Callable[[object, Any], T]:
    """A table of the file as an object of that class."""
    renames = {field: override(rename=key) for field, key in RENAMED.get(kind, {}).items()}
    omitted = {field: override(omit=True) for field in COMPUTED.get(kind, ())}
    structure: Callable[[Mapping[str, Any], Any], T] = make_dict_structure_fn(
        kind,
        converter,
        _cattrs_forbid_extra_keys=True,
        **renames,  # type: ignore[arg-type]
        **omitted,  # type: ignore[arg-type]
    )

    def check(table: object, _: Any) -> T:
        if not isinstance(table, dict):
            raise TypeError(f"expected a table, got {type(table).__name__}")
        return structure(table, kind)

    return check


def _parameters(converter: Converter, table: object) -> tuple[Parameter, ...]:
    """`[params.NAME]` tables."""
    if not isinstance(table, dict):
        raise TypeError("expected tables, one a parameter")
    made: list[Parameter] = []
    wrong: list[tuple[str, BaseException]] = []
    for name, value in table.items():
        try:
            made.append(_parameter(converter, name, value))
        except Exception as error:  # noqa: BLE001 - told with its key, like all others
            wrong.append((name, error))
    if wrong:
        raise KeyedError(wrong)
    return tuple(made)


def _parameter(converter: Converter, name: str, value: object) -> Parameter:
    if not isinstance(value, dict):
        raise TypeError(f"expected a table, got {type(value).__name__}")
    if "name" in value:
        raise KeyedError([("name", ValueError("unknown key: the table's name is it"))])
    return converter.structure({**value, "name": name}, Parameter)


def _note(converter: Converter, table: object) -> Note:
    if not isinstance(table, dict) or ("if_defined" in table) == ("if_undefined" in table):
        raise ValueError("a note needs either `if_defined` or `if_undefined`")
    if own := {"present", "defines"} & table.keys():
        raise KeyedError([(key, ValueError("unknown key")) for key in sorted(own)])
    changed = dict(table)
    present = "if_defined" in changed
    changed["defines"] = changed.pop("if_defined" if present else "if_undefined")
    return _table(converter, Note)({**changed, "present": present}, Note)


def _strict(kind: type[T]) -> Callable[[object, type[T]], T]:
    """Check the type: cattrs would turn `"7"` into 7; a catalogue says what it means."""

    def check(value: object, _: type[T]) -> T:
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise TypeError(f"expected {kind.__name__}, got {type(value).__name__}")
        return value

    return check


def _list(converter: Converter, value: object, kind: Any) -> tuple[Any, ...]:
    """A list: cattrs would take a text for the list of its characters."""
    if not isinstance(value, list):
        raise TypeError(f"expected a list, got {type(value).__name__}")
    items: Any = GenericAlias(list, get_args(kind)[:1])
    return tuple(converter.structure(value, items))


def _scalar(value: object, _: object) -> Scalar:
    if not isinstance(value, bool | int | float | str):
        raise TypeError(f"expected a value, got {type(value).__name__}")
    return value


def _number(value: object, _: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"expected a number, got {type(value).__name__}")
    return value


def _maybe_number(value: object, _: object) -> float | None:
    """TOML has no null; JSON has."""
    return None if value is None else _number(value, float)


def _is_tuple(kind: object) -> bool:
    return get_origin(kind) is tuple


def _is_word(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Enum)


def _word(value: object, kind: type[Enum]) -> Enum:
    if value not in [member.value for member in kind]:
        known = ", ".join(member.value for member in kind)
        raise ValueError(f"expected one of {known}, got {value!r}")
    return kind(value)


CONVERTER = make_converter()
