"""Where in a TOML text a value lies, and where its table takes another key."""

from __future__ import annotations

import json
import re
from typing import Any

import tomlkit
from tomlkit.container import Container
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, InlineTable, Table

from ttsopt.domain.dotted_key import split_key
from ttsopt.editing.config.text import Change, ConfigText, RefusedError

_ASSIGNMENT = re.compile(r"([ \t]*)([^ \t].*?)([ \t]*=[ \t]*)")
_NOT_FOLLOWED = "its layout is one that tomlkit does not give back as it was"


def value_span(config: ConfigText, parts: tuple[str, ...]) -> tuple[int, int]:
    """Where the value at a key that is there begins and ends.

    tomlkit keeps no positions: the value is given a mark, which is looked up in what tomlkit then writes.

    Raises:
        RefusedError: It is a table with headers or dotted keys, or tomlkit cannot write the file as it is.
    """
    document = _document(config)
    parent = _item(document, parts[:-1])
    last: Any = int(parts[-1]) if isinstance(parent, list) else parts[-1]
    if isinstance(parent[last], AoT | Container) or _is_open_table(parent[last]):
        raise RefusedError(f"`{'.'.join(parts)}` is a table, not one value", None, "a table")
    mark = "here"
    while mark in config.text:
        mark += "-here"
    try:
        parent[last] = mark
        marked = tomlkit.dumps(document)
    except (TOMLKitError, ValueError, TypeError, LookupError) as error:
        raise RefusedError(_NOT_FOLLOWED, None, "a layout that is not followed") from error
    start = marked.find(f'"{mark}"')
    behind = marked[start + len(mark) + 2 :]
    end = len(config.text) - len(behind)
    if (
        start < 0
        or end <= start
        or config.text[:start] + config.text[end:] != marked[:start] + behind
    ):
        raise RefusedError(_NOT_FOLLOWED, None, "a layout that is not followed")
    return start, end


def appended(config: ConfigText, parts: tuple[str, ...], new: str) -> Change:
    """The change that gives the table at `parts[:-1]` one more key, behind its last one.

    Raises:
        RefusedError: It has no key of its own to stand behind, or the layout cannot be followed.
    """
    above, name = parts[:-1], parts[-1]
    table = _item(_document(config), above)
    way = _last_own(table)
    if not way:
        label = ".".join(above) or "the top of the file"
        raise RefusedError(
            f"`{label}` has no key of its own to stand behind", None, "an empty table"
        )
    start, end = value_span(config, above + way)
    if isinstance(table, InlineTable):
        return Change(end, end, f", {_key(name)} = {new}")
    line_end = config.line_end(end)
    found = _ASSIGNMENT.fullmatch(config.text, config.line_start(start), start)
    if found is None or not re.fullmatch(r"[ \t]*(#.*)?", config.text[end:line_end]):
        raise RefusedError("the table's last key is not on lines of its own", start)
    keys = (*split_key(found[2])[: -len(way)], name)
    line = f"{found[1]}{'.'.join(_key(key) for key in keys)}{found[3]}{new}"
    return Change(line_end, line_end, config.newline + line)


def _document(config: ConfigText) -> tomlkit.TOMLDocument:
    try:
        document = tomlkit.parse(config.text)
        same = tomlkit.dumps(document) == config.text
    except (TOMLKitError, ValueError, TypeError, LookupError, RecursionError) as error:
        raise RefusedError(f"tomlkit does not read the file: {error}", None) from error
    if not same:
        raise RefusedError(_NOT_FOLLOWED, None, "a layout that is not followed")
    return document


def _item(document: tomlkit.TOMLDocument, parts: tuple[str, ...]) -> Any:
    value: Any = document
    for part in parts:
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value


def _is_open_table(value: object) -> bool:
    """Return True if a table is written with headers or dotted keys: then its text is not in one place."""
    return isinstance(value, dict) and not isinstance(value, InlineTable)


def _last_own(table: object) -> tuple[str, ...]:
    """The way to the last key below a table's own header; keys under headers of their own are not its.

    Raises:
        RefusedError: The table is spread over several places of the file.
    """
    container = table.value if isinstance(table, Table | InlineTable) else table
    if not isinstance(container, Container):
        raise RefusedError("its parts are spread over the file", None, "a table in several parts")
    for key, value in reversed(container.body):
        if key is None or isinstance(value, AoT):
            continue
        if isinstance(value, Table):
            if key.is_dotted():
                return (key.key, *_last_own(value))
            continue
        return (key.key,)
    return ()


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name, ensure_ascii=False)
