"""Finds a file's hunks in its original bytes and turns them into splices: all of them, or none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from ttsopt.domain.plan import EditAnswer, Splice, Status
from ttsopt.editing.resolution import Resolution
from ttsopt.editing.unified.file_diff import FileDiff, Hunk
from ttsopt.editing.unified.place import Text, locate, new_side, old_side
from ttsopt.editing.unified.refusal import not_found

UNHELD = "it has no context, so that nothing but a line number says where it belongs"


@dataclass(slots=True)
class _Walk:
    """How far the hunks so far have come in a file that has not, or that has, the diff in it."""

    first: int = 0
    moved: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    """A hunk's answer, and the line (0-based) where it goes if that is `applied`."""

    hunk: Hunk
    answer: EditAnswer
    at: int = 0


def resolve_hunks(file: FileDiff, original: bytes) -> Resolution:
    """An answer for every hunk, and the changed lines as splices; no splices unless every hunk is `applied`.

    Context must be there to the byte. A hunk is taken where it says that it stands if no hunk before it has
    moved; else where its lines stand exactly once below the hunk before it. It is `already` there where its new
    lines stand and its old ones do not.
    """
    text = Text(original)
    old, new = _Walk(), _Walk()
    found = [
        _resolve(text, hunk, f"hunk {number} of {len(file.hunks)}", old, new)
        for number, hunk in enumerate(file.hunks, 1)
    ]
    answers = _whole([row.answer for row in found])
    if any(answer.status is not Status.APPLIED for answer in answers):
        return Resolution(answers, ())
    splices = [splice for row in found for splice in _splices(text, row.hunk, row.at)]
    return Resolution(answers, _joined(splices))


def _resolve(text: Text, hunk: Hunk, name: str, old: _Walk, new: _Walk) -> _Found:
    what = f"apply {name} (line {hunk.line} of the diff)"
    if not hunk.old:
        return _Found(hunk, _into_nothing(text, hunk, what))
    before, after = old_side(hunk), new_side(hunk)
    olds = locate(text, before, old.first, old.moved)
    news = locate(text, after, new.first, new.moved)
    there = EditAnswer(Status.ALREADY, what, news[0] + 1 + hunk.leading) if news[:1] else None
    if len(olds) == 1:
        at = olds[0]
        twin = None if at == hunk.old_at else _twin(text, hunk, at)
        if there and twin is not None and news == (twin,) and _is_inside(hunk, at, twin):
            return _Found(hunk, there)
        if twin is not None:
            return _Found(hunk, _two_ways(what, at, twin))
        _advance(old, at, before.changed_until, at != hunk.old_at)
        return _Found(hunk, EditAnswer(Status.APPLIED, what, at + 1 + hunk.leading), at)
    if olds:
        line = f"lines {olds[0] + 1} and {olds[1] + 1}"
        reason = f"its lines stand in several places ({line} among them), not where it says"
        return _Found(hunk, EditAnswer(Status.REFUSED, what, olds[0] + 1, reason))
    if there and not news[1:]:
        _advance(new, news[0], after.changed_until, news[0] != hunk.new_at)
        return _Found(hunk, there)
    return _Found(hunk, not_found(text, hunk, what))


def _is_inside(hunk: Hunk, at: int, twin: int) -> bool:
    """Return True if what looks like the old lines is the middle of the new ones."""
    return twin <= at and at + len(hunk.old) <= twin + len(hunk.new)


def _two_ways(what: str, at: int, twin: int) -> EditAnswer:
    reason = (
        f"its old lines stand at line {at + 1}, but its new ones stand at line {twin + 1}"
        " already: which place is meant cannot be told"
    )
    return EditAnswer(Status.REFUSED, what, at + 1, reason)


def _into_nothing(text: Text, hunk: Hunk, what: str) -> EditAnswer:
    """The answer for lines to be put where there is nothing around them: only an empty file is such a place."""
    if not text.data:
        return EditAnswer(Status.APPLIED, what, 1)
    if hunk.old_at == 0 and text.data == b"".join(hunk.new):
        return EditAnswer(Status.ALREADY, what, 1)
    hint = "make the diff with context (`diff -U3`)"
    return EditAnswer(Status.REFUSED, what, hunk.old_at + 1, f"{UNHELD}; {hint}")


def _twin(text: Text, hunk: Hunk, at: int) -> int | None:
    """Where the new lines stand, though the old ones stand at `at`: the tree may have this change.

    That place may be a block like the one meant, or it holds what the diff adds around the old lines. What lies
    within the old lines says nothing: it is there of itself where a diff takes one of several equal lines away.
    """
    if not hunk.new:
        return None
    last = at + len(hunk.old)
    places = text.places(hunk.new, 0)
    return next((spot for spot in places if spot < at or spot + len(hunk.new) > last), None)


def _advance(walk: _Walk, at: int, changed: int, moved: bool) -> None:
    walk.first = at + changed
    walk.moved = walk.moved or moved


def _whole(answers: Sequence[EditAnswer]) -> tuple[EditAnswer, ...]:
    """A file that has some hunks and lacks others is not what the diff was made for."""
    there = [answer for answer in answers if answer.status is Status.ALREADY]
    lacking = [answer for answer in answers if answer.status is not Status.ALREADY]
    if not there or not lacking:
        return tuple(answers)
    other = lacking[0].what.removeprefix("apply ")
    return tuple(
        replace(
            answer,
            status=Status.REFUSED,
            reason=f"it is in the file already (at line {answer.line}), but {other} is not",
        )
        if answer.status is Status.ALREADY
        else answer
        for answer in answers
    )


def _splices(text: Text, hunk: Hunk, at: int) -> Iterator[Splice]:
    """The changed lines of a hunk that stands at line `at`, run by run; context is no part of a change."""
    for is_context, run in groupby(hunk.body, key=lambda row: row.kind == b" "):
        rows = list(run)
        removed = b"".join(row.text for row in rows if row.kind == b"-")
        inserted = b"".join(row.text for row in rows if row.kind == b"+")
        start = text.starts[at]
        at += sum(row.kind != b"+" for row in rows)
        if not is_context and removed != inserted:
            yield Splice(start, start + len(removed), removed, inserted)


def _joined(splices: Sequence[Splice]) -> tuple[Splice, ...]:
    """Splices that touch are one, so that what they insert at one place stays in order."""
    joined: list[Splice] = []
    for splice in splices:
        if joined and joined[-1].end == splice.start:
            last = joined[-1]
            removed, inserted = last.removed + splice.removed, last.inserted + splice.inserted
            joined[-1] = Splice(last.start, splice.end, removed, inserted)
        else:
            joined.append(splice)
    return tuple(joined)
