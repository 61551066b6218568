"""The run's figures as a table, the final ones beside those of the first run on versions that were held out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from history import REPOSITORIES, History
from judge import FAILURES, Verdict

RESULTS = Path(__file__).parents[2] / "docs" / "results"
TABLE = RESULTS / "upstream.md"
FIRST_RUN = RESULTS / "upstream-first-run.json"
MISSED = [one for one in FAILURES if one is not Verdict.WRONG]
COLUMNS = (
    *("patch", "half", "versions", "places", "right", "absent", "already", "left alone"),
    *("not this system", "missed", "wrong", "imports"),
)
INTRODUCTION = """\
# Every patch on every version of its files

Written by `make upstream-table`; [what it means and how it is judged](../upstream-run.md). A version is a distinct
state of all files that a patch names, in the history of the default branch. One half of all file versions was held
out from whoever wrote the rules; a version with such a file counts as held out. "Imports" are ways of importing an
edited file that worked before the patch and work after it.
"""


def write_results(histories: Sequence[History]) -> None:
    """Write the table, and the figures of patches that were run for the first time."""
    ordered = sorted(histories, key=lambda one: one.patch)
    first = remembered(ordered, FIRST_RUN)
    TABLE.write_text(table(ordered, first), encoding="utf-8")


def remembered(histories: Sequence[History], path: Path) -> dict[str, Any]:
    """The first figures of every patch; those that are there already are never written again."""
    known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    today = datetime.now(UTC).date().isoformat()
    new = {one.patch: {"date": today, **record(one)} for one in histories if one.patch not in known}
    known = dict(sorted({**known, **new}.items()))
    path.write_text(json.dumps(known, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return known


def record(history: History) -> dict[str, Any]:
    """What is kept of a first run: which rules, on which history, and what came of it."""
    halves = {
        name: {"places": history.places(held_out=held_out), **history.figures(held_out=held_out)}
        for name, held_out in (("training", False), ("held out", True))
    }
    return {"rules": history.rules, "head": history.head, **halves}


def table(histories: Sequence[History], first: Mapping[str, Any]) -> str:
    """The whole page."""
    parts = [
        INTRODUCTION,
        _heads(histories),
        "\n".join(_rows(histories)),
        _comparison(histories, first),
    ]
    return "\n".join([*parts, *_unseen(histories), *_failures(histories)]).rstrip("\n") + "\n"


def _heads(histories: Sequence[History]) -> str:
    heads = {REPOSITORIES.get(one.patch.partition("/")[0], ""): one.head for one in histories}
    return (
        "Histories up to: "
        + ", ".join(f"{name} {head[:7]}" for name, head in heads.items())
        + ".\n"
    )


def _rows(histories: Sequence[History]) -> Iterator[str]:
    yield _line(COLUMNS)
    yield _line(["---"] * len(COLUMNS))
    total = [0] * (len(COLUMNS) - 2)
    for history in histories:
        for name, held_out in (("training", False), ("held out", True)):
            figures = history.figures(held_out=held_out)
            numbers = _numbers(figures, history.places(held_out=held_out))
            numbers.append(history.imports(held_out=held_out))
            total = [one + two for one, two in zip(total, numbers, strict=True)]
            yield _line([f"`{history.patch}`" if not held_out else "", name, *map(str, numbers)])
    yield _line(["**all**", "", *map(str, total)]) + "\n"


def _numbers(figures: Mapping[str, int], places: int) -> list[int]:
    kinds = (Verdict.RIGHT, Verdict.ABSENT, Verdict.ALREADY, Verdict.LEFT, Verdict.NOT_FOUND)
    counted = [figures.get(kind.value, 0) for kind in kinds]
    missed = sum(figures.get(kind.value, 0) for kind in MISSED)
    versions = sum(figures.get(kind.value, 0) for kind in Verdict)
    return [versions, places, *counted, missed, figures.get(Verdict.WRONG.value, 0)]


def _comparison(histories: Sequence[History], first: Mapping[str, Any]) -> str:
    lines = ["## Held-out versions: the first run beside this one\n"]
    lines += [_line(["patch", "first run", "then", "now", "rules since"]), _line(["---"] * 5)]
    for history in histories:
        then = first[history.patch]
        now = _said(history.figures(held_out=True))
        rules = "the same" if then["rules"] == history.rules else "changed"
        lines.append(
            _line([f"`{history.patch}`", then["date"], _said(then["held out"]), now, rules])
        )
    return "\n".join(lines) + "\n"


def _said(figures: Mapping[str, int]) -> str:
    numbers = _numbers(figures, 0)
    failed = f"{numbers[-2]} missed, {numbers[-1]} wrong"
    return f"{numbers[0]} versions, {numbers[2]} edited rightly, {failed}"


def _unseen(histories: Sequence[History]) -> Iterator[str]:
    """Edited modules that could not be imported before either, so that importing them proves nothing."""
    counts = Counter(
        (history.patch, path)
        for history in histories
        for one in history.judgements
        for path in one.unseen
    )
    if counts:
        yield "## Edited files whose import proves nothing\n"
        yield "With everything around them stubbed, these could not be imported before either.\n"
    for (patch, path), number in sorted(counts.items()):
        yield f"- `{patch}`: {path}, in {number} version{'s' * (number > 1)}"


def _failures(histories: Sequence[History]) -> Iterator[str]:
    """Every failure by name, so that none hides in a number."""
    rows = [(history, one) for history in histories for one in history.failures()]
    if rows:
        yield "## What failed\n"
    for history, one in rows:
        half = "held out" if one.held_out else "training"
        yield f"- `{history.patch}` {one.commit[:10]} ({one.date}, {half}): {one.verdict.value}: {one.detail}"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
