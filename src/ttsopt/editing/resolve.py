"""From a file's bytes and a patch's edits to the splices that make them, or to the reason why not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import replace as replace_fields

from ttsopt.domain.patch import (
    Edit,
    EnsureImport,
    Insert,
    Replace,
    SetArgument,
    SetConstant,
    SetDefault,
)
from ttsopt.domain.plan import EditAnswer, Splice, Status
from ttsopt.editing.edit_insert import ensure_import, insert
from ttsopt.editing.edit_replace import replace
from ttsopt.editing.edit_values import set_argument, set_constant, set_default
from ttsopt.editing.found import Draft, Found
from ttsopt.editing.scopes import defines
from ttsopt.editing.source import PythonSource, UnparsableError, parse_source


@dataclass(frozen=True, slots=True)
class Resolution:
    """What every edit answered, in their order, and the splices of the file's own bytes that they come to."""

    answers: tuple[EditAnswer, ...]
    splices: tuple[Splice, ...]


def resolve(raw: bytes, edits: Sequence[Edit]) -> Resolution:
    """Resolve edits against a file's original bytes. No edit sees what another one puts in.

    Raises:
        UnparsableError: The file is not Python.
    """
    source = parse_source(raw)
    with _within_depth():
        rows = [(edit, _look(source, edit)) for edit in edits]
    answers = tuple(_answer(edit, found) for edit, found in rows)
    made = [
        row for row, answer in zip(rows, answers, strict=True) if answer.status is Status.APPLIED
    ]
    inserted = [draft for edit, found in made if isinstance(edit, Insert) for draft in found.drafts]
    others = [
        draft for edit, found in made if not isinstance(edit, Insert) for draft in found.drafts
    ]
    splices = {_splice(source, draft) for draft in [*others, *_joined(inserted)]}
    return Resolution(answers, tuple(sorted(splices)))


def holds_definition(raw: bytes, anchor: str) -> bool:
    """Whether a file holds the exact definition `class Name` or `def name`.

    Raises:
        UnparsableError: The file is not Python.
    """
    source = parse_source(raw)
    with _within_depth():
        return defines(source.tree, anchor)


def describe(edit: Edit) -> str:
    """An edit in a few plain words."""
    where = f" in {edit.scope}" if edit.scope else ""
    match edit:
        case Replace():
            return f"replace {_short(edit.pattern)} with {_short(edit.replacement)}{where}"
        case Insert():
            return f"insert {_short(edit.code)} {edit.place} {_short(edit.anchors[0])}{where}"
        case SetConstant():
            return f"set {edit.name} to {edit.new}{where}"
        case SetDefault():
            return f"set the default of {edit.name} to {edit.new}{where}"
        case SetArgument():
            return f"set {edit.name}={edit.new} in {_short(edit.call)}{where}"
        case EnsureImport():
            return f"have `{edit.statement}`"
    raise TypeError(edit)


def _look(source: PythonSource, edit: Edit) -> Found:
    match edit:
        case Replace():
            return replace(source, edit)
        case Insert():
            return insert(source, edit)
        case SetConstant():
            return set_constant(source, edit)
        case SetDefault():
            return set_default(source, edit)
        case SetArgument():
            return set_argument(source, edit)
        case EnsureImport():
            return ensure_import(source, edit)
    raise TypeError(edit)


def _answer(edit: Edit, found: Found) -> EditAnswer:
    what = describe(edit)
    if found.wrong:
        first = found.wrong[0]
        return EditAnswer(Status.REFUSED, what, first.line, first.reason, first.nearest)
    places = len(found.drafts) or len(found.already)
    if not places:
        return EditAnswer(Status.ABSENT, what)
    line = found.drafts[0].line if found.drafts else found.already[0]
    if places < edit.minimum or (edit.maximum is not None and places > edit.maximum):
        reason = f"found {places} places, expected {_expected(edit)}"
        return EditAnswer(Status.REFUSED, what, line, reason)
    status = Status.APPLIED if found.drafts else Status.ALREADY
    return EditAnswer(status, what, line, counts=not isinstance(edit, EnsureImport))


def _expected(edit: Edit) -> str:
    if edit.maximum is None:
        return f"{edit.minimum} or more"
    return f"{edit.minimum}" + f" to {edit.maximum}" * (edit.maximum != edit.minimum)


def _joined(inserted: Sequence[Draft]) -> list[Draft]:
    """Insertions of one patch; those at one place as one, in the order of their edits, deeper blocks first."""
    places: dict[int, list[Draft]] = {}
    for draft in inserted:
        places.setdefault(draft.start, []).append(draft)
    for drafts in places.values():
        drafts.sort(key=_depth, reverse=True)
    return [
        replace_fields(drafts[0], text=b"".join(dict.fromkeys(draft.text for draft in drafts)))
        for drafts in places.values()
    ]


def _depth(draft: Draft) -> int:
    code = draft.text.lstrip(b"\r\n")
    return len(code) - len(code.lstrip())


@contextmanager
def _within_depth() -> Iterator[None]:
    """A tree that is nested deeper than Python's own stack is as good as none."""
    try:
        yield
    except RecursionError as error:
        raise UnparsableError("nested too deeply to be searched") from error


def _splice(source: PythonSource, draft: Draft) -> Splice:
    start, end = source.raw_offset(draft.start), source.raw_offset(draft.end)
    return Splice(start, end, source.raw[start:end], source.encode(draft.text))


def _short(code: str) -> str:
    first, *rest = code.strip().splitlines() or [""]
    return f"`{first.strip()}{' …' if rest else ''}`"
