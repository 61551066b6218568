"""`SetToml`: tomlkit says where the value at a key lies, a splice changes it, tomllib checks the result."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ttsopt.boundary.parsing import load_toml
from ttsopt.domain.edits import SetToml
from ttsopt.domain.plan import Status
from ttsopt.editing.checking import WrongCode, told, values
from ttsopt.editing.config.key_changes import with_value
from ttsopt.editing.config.text import (
    UTF_8,
    Change,
    ConfigText,
    Look,
    RefusedError,
    decode_config,
    either,
    key_parts,
    other_value,
    refusal,
)
from ttsopt.editing.config.toml_place import appended, value_span
from ttsopt.editing.unparsable import PatternError, UnparsableError

Data = dict[str, Any]
_MISSING = object()


@dataclass(frozen=True, slots=True)
class TomlSource:
    """A TOML file: its text, and what it says."""

    config: ConfigText
    data: Data


@lru_cache(maxsize=8)
def parse_toml(raw: bytes) -> TomlSource:
    """Read a file's bytes as TOML.

    Raises:
        UnparsableError: They are no text in UTF-8, or no TOML.
    """
    config = decode_config(raw, UTF_8)
    try:
        return TomlSource(config, load_toml(config.text))
    except ValueError as error:
        found = re.search(r" \(at line (\d+), column \d+\)$", str(error))
        reason = str(error)[: found.start()] if found else str(error)
        raise UnparsableError(f"not valid TOML: {reason}", int(found[1]) if found else 0) from error


def holds_toml_key(source: TomlSource, parts: tuple[str, ...]) -> bool:
    """Return True if a file has a key."""
    return not _locate(source.data, parts)[1]


def set_toml(source: TomlSource, edit: SetToml) -> Look:
    """Look one edit up.

    Raises:
        PatternError: The key is none, or a value of the patch is no TOML.
    """
    parts = key_parts(edit.key)
    new = edit.new.strip()
    wanted = meaning(_value(new))
    if "\n" in new or "\r" in new:
        raise PatternError(f"a new value is one value on one line: {new!r}")
    old = [meaning(_value(text)) for text in edit.old]
    value, left = _locate(source.data, parts)
    try:
        if left:
            return _missing(source, edit, parts, value, left)
        start, end = value_span(source.config, parts)
        line = source.config.line_number(start)
        if meaning(value) == wanted:
            return Look(Status.ALREADY, line)
        own = edit.own_values and not isinstance(value, dict | list)
        if meaning(value) not in old and not own:
            return other_value(source.config, edit.key, (start, end), either(edit.old), edit.new)
        return _made(source, parts, Change(start, end, new), new)
    except RefusedError as error:
        return refusal(source.config, error)


def meaning(value: object) -> object:
    """A value for comparing: `1` is neither `1.0` nor `true`, `nan` is itself."""
    if isinstance(value, dict):
        return {key: meaning(item) for key, item in value.items()}
    if isinstance(value, list):
        return [meaning(item) for item in value]
    return (type(value).__name__, repr(value))


def _value(text: str) -> object:
    try:
        data = load_toml(f"value = {text}")
    except ValueError as error:
        raise PatternError(f"not a TOML value: {text!r}") from error
    if list(data) != ["value"] or text.lstrip().startswith("#"):
        raise PatternError(f"not one TOML value: {text!r}")
    return data["value"]


def _missing(
    source: TomlSource, edit: SetToml, parts: tuple[str, ...], value: object, left: int
) -> Look:
    above = ".".join(parts[: len(parts) - left]) or "the file"
    if not isinstance(value, dict | list):
        start, _ = value_span(source.config, parts[: len(parts) - left])
        reason = f"`{above}` is a single value, which has no keys"
        raise RefusedError(reason, start, "a value, not a table")
    if not edit.add or left > 1:
        return Look(Status.ABSENT)
    if isinstance(value, list):
        raise RefusedError(f"`{above}` is a list, where the patch adds a key", None, "a list")
    new = edit.new.strip()
    return _made(source, parts, appended(source.config, parts, new), new)


def _locate(data: Data, parts: Sequence[str]) -> tuple[object, int]:
    """The value at a key and 0, or what the way ends at and how many parts are left."""
    value: object = data
    for depth, part in enumerate(parts):
        child: object = _MISSING
        if isinstance(value, dict):
            child = value.get(part, _MISSING)
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            child = value[int(part)]
        if child is _MISSING:
            return value, len(parts) - depth
        value = child
    return value, 0


def _made(source: TomlSource, parts: tuple[str, ...], change: Change, new: str) -> Look:
    """The change, once it is seen that it gives this key this value and changes nothing else."""
    if not _changes_only(source, parts, change, new):
        raise RefusedError(
            f"`{new}` cannot be put there: the rest would not mean the same",
            change.start,
            "a layout that the change does not fit into",
        )
    return Look(Status.APPLIED, source.config.line_number(change.start), change=change)


def _changes_only(source: TomlSource, parts: tuple[str, ...], change: Change, new: str) -> bool:
    try:
        after = load_toml(source.config.after(change))
    except ValueError:
        return False
    path = tuple(_path(source.data, parts))
    return bool(meaning(after) == with_value(meaning(source.data), path, meaning(_value(new))))


def _path(data: Data, parts: Sequence[str]) -> Iterator[str | int]:
    """Yield the parts of a key whose parent is there, those that count in a list as numbers."""
    value: object = data
    for depth, part in enumerate(parts):
        yield int(part) if isinstance(value, list) else part
        value, _ = _locate(data, parts[: depth + 1])


def check_toml(edit: SetToml) -> WrongCode:
    """Yield what is wrong with a key and its values."""
    yield from told(edit.operation, key_parts, edit.key)
    for key, text in values(edit.old, edit.new):
        try:
            parse_toml(f"key{edit.sign}{text}\n".encode())
        except UnparsableError as error:
            yield key, f"no value of such a file: {error.reason}"
