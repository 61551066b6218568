"""Judges a trial by an oracle's reading: right, a miss, or wrong; and says which of them and why."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

import yaml
from import_proof import Proof
from oracles.reading import (
    ALREADY,
    ANYTHING,
    CONSTRUCT,
    NONE,
    OTHER,
    Expectation,
    FileEdit,
    comments,
    meaning_of,
)
from trial import Trial
from versions import Version


class Verdict(Enum):
    """What a trial comes to. Only the last five are failures."""

    NOT_FOUND = "not this system"
    RIGHT = "right"
    ABSENT = "absent, rightly"
    ALREADY = "already, rightly"
    LEFT = "other spelling, left alone"
    MISSED = "missed: construct there, answer absent or already"
    REFUSED = "missed: construct there, refused"
    NEEDLESS = "refused, nothing there"
    UNTRUE = "another answer than is true"
    WRONG = "WRONG"


FAILURES = (Verdict.MISSED, Verdict.REFUSED, Verdict.NEEDLESS, Verdict.UNTRUE, Verdict.WRONG)


@dataclass(frozen=True)
class Judgement:
    """The verdict on one version, with what to read where it is a bad one."""

    commit: str
    date: str
    held_out: bool
    verdict: Verdict
    detail: str = ""
    places: int = 0
    imports: int = 0
    unseen: tuple[str, ...] = ()


def judge(
    version: Version, expected: Expectation, trial: Trial, proof: Proof | None = None
) -> Judgement:
    """Compare what was done with what should have been; what was imported before must be imported still."""
    proof = proof or Proof()
    verdict, detail = _verdict(version, expected, trial)
    if proof.broken:
        verdict, detail = Verdict.WRONG, "; ".join(filter(None, (detail, *proof.broken)))
    places = sum(edit.count for edit in expected.edits.values())
    half = version.held_out
    return Judgement(
        version.commit, version.date, half, verdict, detail, places, proof.proven, proof.unseen
    )


def _verdict(version: Version, expected: Expectation, trial: Trial) -> tuple[Verdict, str]:
    if not trial.found:
        return _not_found(version, expected, trial)
    if trial.faults:
        return Verdict.WRONG, "; ".join(trial.faults)
    if trial.status == "applied":
        problem = "; ".join(_problems(expected, trial))
        return (Verdict.WRONG, problem) if problem else (Verdict.RIGHT, "")
    return _not_applied(expected, trial)


def _not_found(version: Version, expected: Expectation, trial: Trial) -> tuple[Verdict, str]:
    """Fair where files that tell the system are not there yet; else a construct went unseen."""
    if version.complete and expected.kind == CONSTRUCT:
        return Verdict.MISSED, trial.reason
    return Verdict.NOT_FOUND, trial.reason if version.complete else "files that tell it are missing"


def _not_applied(expected: Expectation, trial: Trial) -> tuple[Verdict, str]:
    if expected.kind == CONSTRUCT:
        verdict = Verdict.REFUSED if trial.status == "refused" else Verdict.MISSED
        return verdict, f"{trial.status}: {trial.reason}"
    if expected.kind == OTHER:
        return Verdict.LEFT, f"{trial.status}: {trial.reason} ({expected.why})"
    if trial.status == "refused":
        return Verdict.NEEDLESS, f"{trial.reason} ({expected.why})"
    if {"absent": NONE, "already": ALREADY}.get(trial.status) != expected.kind:
        return Verdict.UNTRUE, f"says {trial.status}, but it is {expected.kind}: {expected.why}"
    return (Verdict.ABSENT if trial.status == "absent" else Verdict.ALREADY), expected.why


def _problems(expected: Expectation, trial: Trial) -> Iterator[str]:
    if expected.kind != CONSTRUCT:
        yield f"applied, but {expected.kind}: {expected.why}"
        return
    touched = {
        path
        for path in {*trial.before, *trial.after}
        if trial.before.get(path) != trial.after.get(path)
    }
    if touched != {*expected.edits, *expected.created}:
        yield f"touched {sorted(touched)}, not {sorted({*expected.edits, *expected.created})}"
        return
    for path, meaning in expected.created.items():
        yield from _meaning(path, trial.after[path], meaning)
    for path, edit in expected.edits.items():
        yield from _file(path, trial.before[path], trial.after[path], edit)


def _file(path: str, before: bytes, after: bytes, edit: FileEdit) -> Iterator[str]:
    yield from _meaning(path, after, edit.meaning)
    if not only_there(before, after, edit):
        yield f"{path}: lines differ that nobody named"
    if not _line_ends(after) <= _line_ends(before):
        yield f"{path}: other line ends"
    if _blank(after) > _blank(before):
        yield f"{path}: blank lines came in"
    yield from _comments(path, before, after, edit)


def _comments(path: str, before: bytes, after: bytes, edit: FileEdit) -> Iterator[str]:
    old, new = comments(path, before), Counter(text for _, text in comments(path, after))
    lost = Counter(text for line, text in old if line not in edit.dropped) - new
    gained = new - Counter(text for _, text in old)
    if lost or gained:
        yield f"{path}: comments lost: {sorted(lost)}, come in: {sorted(gained)}"


def _blank(data: bytes) -> int:
    return sum(not line.strip() for line in data.splitlines())


def _meaning(path: str, data: bytes, meaning: str) -> Iterator[str]:
    try:
        actual = meaning_of(path, data)
    except (SyntaxError, ValueError, yaml.YAMLError) as error:
        yield f"{path}: does not compile any more: {error}"
        return
    if meaning not in (ANYTHING, actual):
        yield f"{path}: says something else: {first_difference(meaning, actual)}"


def first_difference(expected: str, actual: str) -> str:
    """Where two texts part, with some of both."""
    pairs = zip(expected, actual, strict=False)
    at = next(
        (i for i, (one, two) in enumerate(pairs) if one != two), min(len(expected), len(actual))
    )
    start = max(0, at - 60)
    return f"expected ...{expected[start : at + 80]}..., got ...{actual[start : at + 80]}..."


def _line_ends(data: bytes) -> set[bytes]:
    return set(re.findall(rb"\r\n|\r|\n", data))


def only_there(before: bytes, after: bytes, edit: FileEdit) -> bool:
    """Whether the new text is the old one, line for line, except where the edit may differ.

    Runs of lines that must stay have to come one after another, the first at the top and the last at the end
    unless something may change there; whatever lies between two runs may be anything.
    """
    lines = after.splitlines(keepends=True)
    runs = list(_runs(before.splitlines(keepends=True), edit))
    head, *middle = runs
    if len(runs) == 1:
        return lines == head
    *middle, tail = middle
    if len(lines) < len(head) + len(tail) or lines[: len(head)] != head:
        return False
    stop = len(lines) - len(tail)
    return lines[stop:] == tail and _in_order(middle, lines[len(head) : stop])


def _runs(lines: list[bytes], edit: FileEdit) -> Iterator[list[bytes]]:
    """Lines that stay, cut wherever something may change; the first and the last run may be empty."""
    run: list[bytes] = []
    for number, line in enumerate(lines, 1):
        if number == 1 and 0 in edit.inserted:
            yield run
            run = []
        if number in edit.changed | edit.dropped:
            yield run
            run = []
        else:
            run.append(line)
        if number in edit.inserted:
            yield run
            run = []
    yield run


def _in_order(runs: list[list[bytes]], lines: list[bytes]) -> bool:
    """Whether all runs occur in this order without overlapping; the leftmost place is as good as any."""
    at = 0
    for run in runs:
        places = range(at, len(lines) - len(run) + 1)
        found = next((i for i in places if lines[i : i + len(run)] == run), None)
        if found is None:
            return False
        at = found + len(run)
    return True
