"""Whether the code in a patch's edits is code: patterns, replacements, keys and values."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePosixPath

from ttsopt.catalog.parameters import put_in
from ttsopt.catalog.walk import places_of
from ttsopt.domain.dotted_key import split_key
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
from ttsopt.domain.patch import Edit, Patch
from ttsopt.editing.config.yaml_value import value_node, wanted_text
from ttsopt.editing.languages import check_parses
from ttsopt.editing.python.found import parse_value
from ttsopt.editing.python.pattern import (
    parse_pattern,
    parse_placeholders,
    parse_statements,
)
from ttsopt.editing.python.placeholders import placeholders_in
from ttsopt.editing.unparsable import PatternError, UnparsableError

Rows = Iterator[tuple[str, str]]


def check_edits(patch: Patch) -> Rows:
    """What is wrong with the edits of a patch, by key; parameters stand at their defaults."""
    values = {parameter.name: parameter.default for parameter in patch.parameters}
    for place in places_of(patch):
        suffix = PurePosixPath(place.target.paths[0]).suffix if place.target.paths else ""
        for key, message in _edit(put_in(patch, place.edit, values), suffix):
            yield f"{place.key}.{key}", message
    for number, target in enumerate(patch.files):
        suffix = PurePosixPath(target.paths[0]).suffix if target.paths else ""
        if target.anchor and suffix != ".py":
            yield from _key(f"files[{number}].anchor", target.anchor)


def _edit(edit: Edit, suffix: str) -> Rows:  # noqa: C901 - one case an operation
    match edit:
        case Replace():
            yield from _replace(edit)
        case Insert():
            yield from _insert(edit)
        case Delete():
            yield from _pattern("delete", edit.pattern)
        case Decorate():
            yield from _code("decorate", f"@{edit.decorator}\ndef f(): pass")
        case SetConstant() | SetDefault() | SetArgument():
            yield from _value(edit)
        case EnsureImport():
            yield from _import(edit.statement)
        case SetYaml() | SetToml():
            yield from _config(edit, suffix)
        case AddFile() | AnyOf():
            return  # a helper is checked where it is read, variants are edits of their own
        case _:
            raise TypeError(edit)


def _replace(edit: Replace) -> Rows:
    yield from _pattern("replace", edit.pattern)
    if not edit.replacement.strip():
        yield "with", "it is empty: `delete` takes code out"
    else:
        yield from _template("with", edit.replacement)
    for key, patterns in (("spare", edit.spare), ("spare_after", edit.spare_after)):
        for number, text in enumerate(patterns):
            yield from _pattern(f"{key}[{number}]", text)
    known = {found.lstrip("$") for found in placeholders_in(edit.pattern)} - {"_"}
    for found in placeholders_in(edit.replacement):
        if found.lstrip("$") not in known:
            yield "with", f"{found} does not stand in the pattern"


def _insert(edit: Insert) -> Rows:
    if not edit.code.strip():
        yield "insert", "it is empty"
    else:
        yield from _code("insert", edit.code)
    for number, anchor in enumerate(edit.anchors):
        yield from _pattern(f"{edit.place}[{number}]", anchor)


def _value(edit: SetConstant | SetDefault | SetArgument) -> Rows:
    if not edit.name.isidentifier():
        operation = {SetConstant: "set_const", SetDefault: "set_default", SetArgument: "set_arg"}
        yield operation[type(edit)], f"{edit.name!r} is no name"
    for key, text in _values(edit.old, edit.new):
        yield from _told(key, parse_value, text)
    if isinstance(edit, SetArgument):
        yield from _pattern("call", edit.call)


def _import(statement: str) -> Rows:
    try:
        kinds = [type(node) for node in parse_statements(statement)]
    except PatternError as error:
        yield "ensure_import", str(error)
        return
    if kinds not in ([ast.Import], [ast.ImportFrom]):
        yield "ensure_import", f"expected one import statement, got {statement!r}"


def _config(edit: SetYaml | SetToml, suffix: str) -> Rows:
    yield from _key("set_yaml" if isinstance(edit, SetYaml) else "set_toml", edit.key)
    sign = " = " if isinstance(edit, SetToml) else ": "
    if isinstance(edit, SetYaml):
        yield from _told("new", wanted_text, edit.new)
        for number, text in enumerate(edit.old):
            yield from _told(f"old[{number}]", value_node, text)
        return
    for key, text in _values(edit.old, edit.new):
        try:
            check_parses(f"value{suffix}", f"key{sign}{text}\n".encode())
        except UnparsableError as error:
            yield key, f"no value of such a file: {error.reason}"


def _values(old: Sequence[str], new: str) -> Iterator[tuple[str, str]]:
    yield from ((f"old[{number}]", text) for number, text in enumerate(old))
    yield "new", new


def _key(key: str, text: str) -> Rows:
    try:
        split_key(text)
    except ValueError as error:
        yield key, str(error)


def _pattern(key: str, text: str) -> Rows:
    yield from _told(key, parse_pattern, text)


def _template(key: str, text: str) -> Rows:
    yield from _told(key, parse_placeholders, text)


def _code(key: str, text: str) -> Rows:
    yield from _told(key, parse_statements, text)


def _told(key: str, parse: Callable[[str], object], text: str) -> Rows:
    """What a parser of the editing engine has to say of a text."""
    try:
        parse(text)
    except PatternError as error:
        yield key, str(error)
