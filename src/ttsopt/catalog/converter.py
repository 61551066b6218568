"""How domain objects are made of TOML tables: strictly, with the keys that the files use, all problems at once.

For each type there is a reader (`values.py`), made when the type is first met.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from functools import cache, partial
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from ttsopt.catalog.edits import structure_edit
from ttsopt.catalog.problems import KeyedError
from ttsopt.catalog.values import Reader, Wrong, as_table, number, one_of, put, scalar, strict, word
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
COMPUTED: Mapping[type, tuple[str, ...]] = {Patch: ("rank", "helpers", "home"), Layout: ("folder",)}


def structure(value: object, kind: type[T]) -> T:
    """Return a value of the file as an object of that class.

    Raises:
        TypeError, ValueError: What is wrong with it.
        KeyedError: What is wrong within it, all of it.
    """
    reader: Reader = _reader(kind)  # type: ignore[arg-type]  # classes are hashable
    made: T = reader(value)
    return made


def key_of(kind: type, field: str) -> str:
    """Return how the file writes a field."""
    return RENAMED.get(kind, {}).get(field, field)


def keys_of(kind: type) -> tuple[str, ...]:
    """Return the keys that a table of that kind may have."""
    if kind is Note:
        return ("text", "paths", "if_defined", "if_undefined", "when", "unless")
    if issubclass(kind, Edit):
        return (*_keys(kind, kind.computed), *kind.further_keys)
    return _keys(kind, COMPUTED.get(kind, ()))


def _keys(kind: type, hidden: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(key_of(kind, one.name) for one in fields(kind) if one.name not in hidden)


@cache
def _reader(kind: Any) -> Reader:
    """Return the reader of a type; those of `_ODD` are told by the whole type, the rest by what sort it is of."""
    if kind in _ODD:
        return _ODD[kind]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return lambda value: word(value, kind)
    if is_dataclass(kind):
        return _table(kind)
    return _compound(get_origin(kind), get_args(kind))


def _compound(origin: Any, arguments: tuple[Any, ...]) -> Reader:
    if origin is Literal:
        return lambda value: one_of(value, arguments)
    if origin is tuple:
        item = _reader(arguments[0])
        return lambda value: _list(value, item)
    if origin is UnionType:  # with None: TOML has no null; JSON has
        (other,) = (_reader(kind) for kind in arguments if kind is not NoneType)
        return lambda value: None if value is None else other(value)
    if origin is Mapping:
        item = _reader(arguments[1])
        return lambda value: _mapping(value, item)
    raise NotImplementedError(f"no field of {origin} has been read so far")


def _table(kind: Any) -> Reader:
    """Return the reader of a table, as an object of that class."""
    types, hidden = get_type_hints(kind), COMPUTED.get(kind, ())
    rows = [
        (one.name, key_of(kind, one.name), _reader(types[one.name]), _is_required(one))
        for one in fields(kind)
        if one.name not in hidden
    ]
    known = {key for _, key, _, _ in rows}

    def read(table: object) -> Any:
        given = as_table(table)
        values: dict[str, Any] = {}
        wrong: Wrong = []
        for name, key, reader, required in rows:
            if key in given:
                put(values, name, reader, given[key], wrong, key)
            elif required:
                wrong.append((key, ValueError("required field missing")))
        wrong += _unknown(kind, given.keys() - known)
        if wrong:
            raise KeyedError(wrong)
        return kind(**values)

    return read


def _is_required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _unknown(kind: type, keys: Iterable[str]) -> Wrong:
    return [(key, ValueError(f"unknown key{_nearest(key, keys_of(kind))}")) for key in sorted(keys)]


def _nearest(key: str, known: tuple[str, ...]) -> str:
    import difflib

    near = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
    return f": did you mean {near[0]}?" if near else f": it takes {', '.join(known)}"


def _mapping(value: object, item: Reader) -> dict[str, Any]:
    made: dict[str, Any] = {}
    wrong: Wrong = []
    for name, inner in as_table(value).items():
        put(made, name, item, inner, wrong, f"[{name!r}]")
    if wrong:
        raise KeyedError(wrong)
    return made


def _list(value: object, item: Reader) -> tuple[Any, ...]:
    """Read a list; a text is none, though it could be gone through."""
    if not isinstance(value, list):
        raise TypeError(f"expected a list, got {type(value).__name__}")
    made: dict[int, Any] = {}
    wrong: Wrong = []
    for index, inner in enumerate(value):
        put(made, index, item, inner, wrong, f"[{index}]")
    if wrong:
        raise KeyedError(wrong)
    return tuple(made.values())


def _parameters(value: object) -> tuple[Parameter, ...]:
    """Read `[params.NAME]` tables."""
    if not isinstance(value, dict):
        raise TypeError("expected tables, one a parameter")
    made: dict[str, Parameter] = {}
    wrong: Wrong = []
    for name, table in value.items():
        put(made, name, partial(_parameter, name), table, wrong, name)
    if wrong:
        raise KeyedError(wrong)
    return tuple(made.values())


def _parameter(name: str, value: object) -> Parameter:
    table = as_table(value)
    if "name" in table:
        raise KeyedError([("name", ValueError("unknown key: the table's name is it"))])
    return structure({**table, "name": name}, Parameter)


def _note(value: object) -> Note:
    if not isinstance(value, dict) or ("if_defined" in value) == ("if_undefined" in value):
        raise ValueError("a note needs either `if_defined` or `if_undefined`")
    if own := {"present", "defines"} & value.keys():
        raise KeyedError([(key, ValueError("unknown key")) for key in sorted(own)])
    changed = dict(value)
    present = "if_defined" in changed
    changed["defines"] = changed.pop("if_defined" if present else "if_undefined")
    note: Note = _plain_note()({**changed, "present": present})
    return note


@cache
def _plain_note() -> Reader:
    return _table(Note)


_ODD: Mapping[Any, Reader] = {
    str: strict(str),
    int: strict(int),
    bool: strict(bool),
    float: number,
    object: lambda value: value,  # what a server's JSON may hold
    Scalar: scalar,
    Scalar | None: scalar,
    Edit: lambda value: structure_edit(structure, value),
    Note: _note,
    tuple[Parameter, ...]: _parameters,
}
