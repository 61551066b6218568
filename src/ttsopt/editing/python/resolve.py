"""Edits of a Python file: what each finds, as answers and as splices of the file's own bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace as replace_fields
from functools import partial

from ttsopt.domain.patch import Edit
from ttsopt.domain.plan import EditAnswer, Splice, Status
from ttsopt.editing.python.delete import removed
from ttsopt.editing.python.found import Draft, Found, Order
from ttsopt.editing.python.operations import PYTHON_OPERATIONS
from ttsopt.editing.python.scopes import defines
from ttsopt.editing.python.shape import other_shape
from ttsopt.editing.python.source import PythonSource, parse_source
from ttsopt.editing.resolution import Resolution
from ttsopt.editing.unparsable import PatternError, within_depth

Row = tuple[Edit, Found]
# Lines that a refusal names before it says "...".
SHOWN = 8


def resolve_python(path: str, raw: bytes, edits: Sequence[Edit]) -> Resolution:
    """Resolve edits against a Python file's original bytes.

    Raises:
        UnparsableError: The file is not Python.
        PatternError: An edit is none for Python, or is wrong in itself.
    """
    source = parse_source(raw)
    with within_depth():
        rows = [(edit, _look(path, source, edit)) for edit in edits]
        answers = tuple(_answer(edit, found) for edit, found in rows)
        pairs = list(zip(rows, answers, strict=True))
        made = [row for row, answer in pairs if answer.status is Status.APPLIED]
        splices = {_splice(source, draft) for draft in _drafts(source, made)}
        # What is like a construct that is not there matters only where other edits fit.
        if any(answer.status is not Status.ABSENT and answer.counts for answer in answers):
            answers = with_nearest(raw, edits, answers)
    return Resolution(answers, tuple(sorted(splices)))


def with_nearest(
    raw: bytes, edits: Sequence[Edit], answers: Sequence[EditAnswer]
) -> tuple[EditAnswer, ...]:
    """Answers of which those that found nothing say what in the file is most like it."""
    source = parse_source(raw)
    pairs = zip(edits, answers, strict=True)
    return tuple(_with_nearest(source, edit, answer) for edit, answer in pairs)


def holds_definition(raw: bytes, anchor: str) -> bool:
    """Return True if a file holds the exact definition `class Name` or `def name`; names may be dotted.

    Raises:
        UnparsableError: The file is not Python.
    """
    source = parse_source(raw)
    with within_depth():
        return defines(source.tree, anchor)


def _look(path: str, source: PythonSource, edit: Edit) -> Found:
    operation = PYTHON_OPERATIONS.get(type(edit))
    if operation is None:
        message = f"{path} is read as Python, which cannot take: {edit.describe()}"
        raise PatternError(message)
    return operation.look(source, edit)


def _answer(edit: Edit, found: Found) -> EditAnswer:
    answer = partial(EditAnswer, what=edit.describe(), looked_for=edit.looked_for())
    if found.wrong:
        first = found.wrong[0]
        return answer(
            Status.REFUSED,
            line=first.line,
            reason=first.reason,
            nearest=first.nearest,
            difference=first.difference,
        )
    lines = found.lines()
    if not lines:
        return answer(Status.ABSENT)
    if len(lines) < edit.minimum or (edit.maximum is not None and len(lines) > edit.maximum):
        reason = f"found {_places(lines)}, expected {_expected(edit)}"
        return answer(Status.REFUSED, line=lines[0], reason=reason)
    if edit.alike and (odd := other_shape(found.nodes)):
        reason = f"found {_places(lines)}, of which that in line {odd} is another construct"
        return answer(Status.REFUSED, line=odd, reason=reason)
    status = Status.APPLIED if found.drafts or found.deleted else Status.ALREADY
    return answer(status, line=lines[0], counts=edit.counts)


def _with_nearest(source: PythonSource, edit: Edit, answer: EditAnswer) -> EditAnswer:
    if answer.status is not Status.ABSENT or edit.optional:
        return answer
    found = PYTHON_OPERATIONS[type(edit)].nearest(source, edit)
    if found is None:
        return answer
    return replace_fields(answer, line=found.line, nearest=found.text, difference=found.difference)


def _places(lines: Sequence[int]) -> str:
    if len(lines) == 1:
        return f"1 place (line {lines[0]})"
    numbers = ", ".join(map(str, lines[:SHOWN])) + ", ..." * (len(lines) > SHOWN)
    return f"{len(lines)} places (lines {numbers})"


def _expected(edit: Edit) -> str:
    if edit.maximum is None:
        return f"{edit.minimum} or more" + " that are alike" * edit.alike
    return f"{edit.minimum}" + f" to {edit.maximum}" * (edit.maximum != edit.minimum)


def _drafts(source: PythonSource, made: Sequence[Row]) -> list[Draft]:
    """All changes of one patch to the file: deletions taken together, and so are lines put in at one place."""
    lines = [draft for edit, found in made if _adds_lines(edit) for draft in found.drafts]
    others = [draft for edit, found in made if not _adds_lines(edit) for draft in found.drafts]
    deleted = [node for _, found in made for node in found.deleted]
    return [*others, *_joined(lines), *removed(source, deleted)]


def _adds_lines(edit: Edit) -> bool:
    return PYTHON_OPERATIONS[type(edit)].adds_lines


def _joined(lines: Sequence[Draft]) -> list[Draft]:
    """Lines put in by one patch; those at one place as one, in the order of their edits, deeper blocks first."""
    # Decorators apart: another patch's lines may have to come between the two.
    places: dict[tuple[int, Order], list[Draft]] = {}
    for draft in lines:
        places.setdefault((draft.start, draft.order), []).append(draft)
    for drafts in places.values():
        drafts.sort(key=lambda draft: -_depth(draft))
    return [
        replace_fields(drafts[0], text=b"".join(dict.fromkeys(draft.text for draft in drafts)))
        for drafts in places.values()
    ]


def _depth(draft: Draft) -> int:
    code = draft.text.lstrip(b"\r\n")
    return len(code) - len(code.lstrip())


def _splice(source: PythonSource, draft: Draft) -> Splice:
    start, end = source.raw_offset(draft.start), source.raw_offset(draft.end)
    return Splice(start, end, source.raw[start:end], source.encode(draft.text), draft.order)
