"""The list of patches with their parameters and places: kept between versions, in a file that can be committed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from json import dumps
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any, TypeGuard

from ttsopt.boundary.parsing import load_toml
from ttsopt.checkout.fs.files import create_file, read_file, read_if_there
from ttsopt.errors import TtsoptError, UsageError

if TYPE_CHECKING:
    from ttsopt.checkout.state.location import Checkout
    from ttsopt.domain.journal import Journal, JournalPatch
    from ttsopt.domain.patch import Scalar

SCHEMA = 1
LAST = "last.toml"
HEAD = """\
# Patches that ttsopt applied to a checkout, each with its version, place and parameters.
# `ttsopt reapply DIR --list FILE` applies them to another version of it.
"""
BARE = re.compile(r"[A-Za-z0-9_-]+")  # https://toml.io/en/v1.0.0#keys


@dataclass(frozen=True, slots=True)
class WantedPatch:
    """A patch to be applied again; `root` is from the top of the checkout, `.` where that is it."""

    id: str
    version: int
    root: str
    parameters: Mapping[str, Scalar] = field(default_factory=dict)


def patches_of(rows: Iterable[JournalPatch]) -> tuple[WantedPatch, ...]:
    """The same patches, to be wanted again."""
    return tuple(WantedPatch(row.id, row.version, row.root, row.parameters) for row in rows)


def list_text(patches: Iterable[WantedPatch], head: str = HEAD) -> str:
    """The list as TOML: the same patches are the same text, whatever their order."""
    tables = [_table(patch) for patch in sorted(patches, key=lambda one: (one.root, one.id))]
    return "\n".join([f"{head}\nschema = {SCHEMA}\n", *tables])


def read_list(path: Path) -> tuple[WantedPatch, ...]:
    """The patches of a list.

    Raises:
        UsageError: It is no such list; the message has everything that is wrong, with its key.
        CannotRunError: It cannot be read.
    """
    if not path.is_file():
        hint = "`ttsopt status DIR --save FILE` writes a list."
        raise UsageError("bad-list", f"{path} is no file", hint)
    return parse_list(read_file(path), path)


def remember(
    checkout: Checkout,
    journal: Journal,
    taken_out: Collection[tuple[str, str]] = (),
    *,
    anew: bool = False,
) -> str | None:
    """Keep what is applied in the user's list, where it outlives a rollback and a version that it does not fit.

    Rows of before stay, but for those `taken_out` (ids and roots): that the user named, while others stayed.
    With `anew`, none stays: the user chose afresh on a tree without patches. Gives what to tell the user where
    the list could not be read or kept.
    """
    if not (journal.patches or taken_out or anew):
        return None  # every row of before stays
    path = checkout.copy / LAST
    try:
        before, note = ((), None) if anew else _rows_before(checkout)
        rows = {place_of(row): row for row in before if place_of(row) not in taken_out}
        rows |= {place_of(row): row for row in patches_of(journal.patches)}
        data = list_text(rows.values()).encode("utf-8", "surrogateescape")
        if (rows or before) and read_if_there(path) != data:
            create_file(path, data, mode=0o644)
    except (TtsoptError, OSError) as error:
        return f"`ttsopt reapply` will not know these patches after a rollback: {error}"
    return note


def place_of(patch: WantedPatch) -> tuple[str, str]:
    """Return what a patch is known by: its id, and the root from the top."""
    return patch.id, patch.root


def _rows_before(checkout: Checkout) -> tuple[tuple[WantedPatch, ...], str | None]:
    """The list of before; where it is damaged, a new one takes its place, and that is told."""
    try:
        return remembered(checkout), None
    except UsageError as error:
        return (), f"what `ttsopt reapply` knew is lost: {error.message}"


def remembered(checkout: Checkout) -> tuple[WantedPatch, ...]:
    """Return what was applied last, also where it was rolled back since; empty where that is not known.

    Raises:
        UsageError: As `read_list`.
        CannotRunError: It cannot be read.
    """
    path = checkout.copy / LAST
    data = read_if_there(path)
    return () if data is None else parse_list(data, path)


def parse_list(data: bytes, path: Path) -> tuple[WantedPatch, ...]:
    """The patches of a list's bytes; `path` is what messages speak of.

    Raises:
        UsageError: As above.
    """
    try:
        # A folder's name need not be UTF-8; `list_text` wrote the same bytes (docs of os.fsdecode).
        table = load_toml(data.decode("utf-8", "surrogateescape"))
    except ValueError as error:
        raise _bad(path, [("", str(error))]) from error
    problems = list(_problems(table)) if table else [("", "it is empty")]
    if problems:
        raise _bad(path, problems)
    return tuple(
        WantedPatch(row["id"], row["version"], row["root"], row.get("parameters", {}))
        for row in table.get("patches", [])
    )


def _table(patch: WantedPatch) -> str:
    lines = [
        "[[patches]]",
        f"id = {_string(patch.id)}",
        f"version = {patch.version}",
        f"root = {_string(patch.root)}",
    ]
    if patch.parameters:
        lines.append("[patches.parameters]")
    lines += [f"{_key(name)} = {_value(value)}" for name, value in sorted(patch.parameters.items())]
    return "".join(f"{line}\n" for line in lines)


def _key(name: str) -> str:
    return name if BARE.fullmatch(name) else _string(name)


def _value(value: Scalar) -> str:
    from ttsopt.catalog.parameters import literal

    return _string(value) if isinstance(value, str) else literal(value)


def _string(text: str) -> str:
    # What JSON escapes, TOML does in the same way; DEL, which TOML wants escaped, JSON leaves alone.
    return dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _bad(path: Path, problems: Iterable[tuple[str, str]]) -> UsageError:
    listed = [f"  {': '.join(filter(None, problem))}" for problem in problems]
    hint = "`ttsopt status DIR --save FILE` writes a list; mend this one, or write it anew."
    return UsageError("bad-list", f"{path} is no list of patches:", hint, listed)


def _problems(table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Everything that is wrong with a list: keys and messages."""
    schema = table.get("schema")
    if schema != SCHEMA or isinstance(schema, bool):
        # Of another schema, nothing else can be said.
        what = f"it is {schema!r}" if "schema" in table else "it is not there"
        yield "schema", f"{what}; this ttsopt knows {SCHEMA}"
        return
    yield from _unknown("", table, {"schema", "patches"})
    rows = table.get("patches", [])
    if not _is_list_of_tables(rows):
        yield "patches", "expected tables, each [[patches]]"
        return
    seen: set[tuple[object, object]] = set()
    for position, row in enumerate(rows):
        key = f"patches[{position}]"
        yield from _row_problems(key, row)
        place = (repr(row.get("id")), repr(row.get("root")))
        if place in seen:
            yield key, f"{row.get('id')} at {row.get('root')} is there twice"
        seen.add(place)


def _is_list_of_tables(rows: object) -> TypeGuard[list[dict[str, Any]]]:
    return isinstance(rows, list) and all(isinstance(row, dict) for row in rows)


def _row_problems(key: str, row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from _unknown(f"{key}.", row, {"id", "version", "root", "parameters"})
    if not _is_id(row.get("id")):
        yield f"{key}.id", "expected a patch's id, such as f5-tts/nfe-step"
    version = row.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 0:
        yield f"{key}.version", "expected a whole number"
    if not _is_below_top(row.get("root")):
        yield f"{key}.root", "expected a folder inside the checkout, from its top: a/b, or ."
    parameters = row.get("parameters", {})
    if not isinstance(parameters, dict):
        yield f"{key}.parameters", "expected a table"
        return
    for name, value in parameters.items():
        if not isinstance(value, str | int | float):
            yield f"{key}.parameters.{name}", "expected a number, a text, true or false"


def _unknown(prefix: str, table: Mapping[str, Any], known: set[str]) -> Iterator[tuple[str, str]]:
    for name in table:
        if name not in known:
            yield f"{prefix}{name}", "there is no such key"


def _is_id(value: object) -> bool:
    return isinstance(value, str) and all(value.partition("/"))


def _is_below_top(value: object) -> bool:
    if not isinstance(value, str) or not value:
        return False
    path, on_windows = PurePosixPath(value), PureWindowsPath(value)
    # The list may have been written elsewhere, and `\` parts a path on Windows alone.
    outside = on_windows.drive or on_windows.root or ".." in on_windows.parts
    return not outside and path.as_posix() == value
