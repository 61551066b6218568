"""Where else in the system the construct of a patch is, before that patch says `absent`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ttsopt.boundary.reading import MIB, read_bytes
from ttsopt.catalog.parameters import bind
from ttsopt.discovery.definitions import is_file
from ttsopt.discovery.walk import python_files
from ttsopt.domain.patch import FileTarget, Patch
from ttsopt.domain.plan import PlannedPatch, SeenElsewhere
from ttsopt.domain.system import FoundSystem
from ttsopt.editing.elsewhere import Seen, Sought, constructs_of, holds_words, seen_in
from ttsopt.editing.unparsable import UnparsableError
from ttsopt.errors import TtsoptError
from ttsopt.operations.plan.baseline import Baseline
from ttsopt.operations.plan.target_files import find_target, path_to_name

MOST_FILES = 500
# What is in more places than this of other files is no construct that a patch alone is about.
COMMON = 5
MOST_ROWS = 8
NAMED = 3
OWN_DIFF = (
    "If it is the same construct, change it by hand, or with a diff of your own: --patch-file."
)
NOT_READ = "no such construct in the files that were read"


@dataclass(frozen=True)
class _Search:
    """Targets of one patch, by the file that it looks in (empty: there is none), and what was seen."""

    row: PlannedPatch
    wanted: Sequence[tuple[str, Sought]]
    seen: list[tuple[str, str, Seen]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def with_seen(
    baseline: Baseline,
    found: FoundSystem,
    rows: Sequence[PlannedPatch],
    fitting: Sequence[PlannedPatch],
) -> list[PlannedPatch]:
    """Absent patches of one root with what of them is elsewhere there. Every file is read and parsed once.

    What other patches, which fit, change is theirs.

    Files over 1 MiB, and those beyond the first 500, are not read, which the reason then says.
    """
    searches = [_Search(row, _wanted(baseline, found, row)) for row in rows]
    paths, complete = python_files(baseline.checkout.directory / found.root, MOST_FILES)
    for path in _own_first(found, paths, searches):
        _look(baseline, path, searches)
    others = _changed(baseline, fitting)
    for one in searches:
        one.seen[:] = [seen for seen in one.seen if not _is_changed(seen, others)]
    return [_told(one, complete=complete) for one in searches]


def _changed(baseline: Baseline, rows: Sequence[PlannedPatch]) -> dict[str, list[range]]:
    """The lines of the originals that patches change, by file."""
    changed: dict[str, list[range]] = {}
    for file in (file for row in rows for file in row.files if file.splices):
        raw = baseline.original(baseline.checkout.from_top(file.path)) or b""
        for splice in file.splices:
            first = raw.count(b"\n", 0, splice.start) + 1
            last = first + splice.removed.count(b"\n")
            changed.setdefault(file.path, []).append(range(first, last + 1))
    return changed


def _is_changed(seen: tuple[str, str, Seen], changed: Mapping[str, Sequence[range]]) -> bool:
    path, _, found = seen
    return any(found.sighting.line in lines for lines in changed.get(path, ()))


def _wanted(baseline: Baseline, found: FoundSystem, row: PlannedPatch) -> list[tuple[str, Sought]]:
    """Return what every edit looks for, and in which file; optional ones count where there are no others."""
    edits = [
        (_own(baseline, found, row.patch, target), edit)
        for target in row.patch.files
        for edit in bind(row.patch, target.edits, row.parameters)
    ]
    needed = [one for one in edits if not one[1].optional and constructs_of([one[1]])]
    return [(own, one) for own, edit in needed or edits for one in constructs_of([edit])]


def _own(baseline: Baseline, found: FoundSystem, patch: Patch, target: FileTarget) -> str:
    try:
        path = find_target(baseline, found, target, patch.files)
    except (TtsoptError, UnparsableError):
        path = None
    named = path or path_to_name(baseline, found, target)
    return named if is_file(baseline.checkout.directory / named) else ""


def _own_first(
    found: FoundSystem, paths: Sequence[str], searches: Sequence[_Search]
) -> Iterator[str]:
    own = [path for one in searches for path, _ in one.wanted if path]
    below = ((Path(found.root) / path).as_posix() for path in paths)
    return iter(dict.fromkeys((*own, *below)))


def _look(baseline: Baseline, path: str, searches: Sequence[_Search]) -> None:
    raw = _read(baseline, path)
    if raw is None:
        for search in searches:
            search.unread.append(path)
        return
    hits = [
        (search, own, sought)
        for search in searches
        for own, sought in search.wanted
        if holds_words(raw, sought)
    ]
    try:
        found = list(seen_in(raw, [sought for *_, sought in hits])) if hits else []
    except UnparsableError:
        for search in {id(search): search for search, *_ in hits}.values():
            search.unread.append(path)
        return
    for search, own, sought in hits:
        search.seen.extend((path, own, seen) for seen in found if seen.sought is sought)


def _read(baseline: Baseline, path: str) -> bytes | None:
    """A file before any patch; None where it cannot be read.

    The walk follows no link, and a target that leads out of the checkout was refused before.
    """
    file = baseline.checkout.directory / path
    try:
        raw = read_bytes(file, MIB)
        top = baseline.checkout.from_top(path)
        return baseline.original(top) if baseline.is_recorded(top) else raw
    except (OSError, TtsoptError):
        return None


def _told(search: _Search, *, complete: bool) -> PlannedPatch:
    rows = _rows(search)
    reason = search.row.reason
    if rows:
        reason = "it is not where the patch looks for it, but seen elsewhere"
    elif search.unread:
        more = ", ..." * (len(search.unread) > NAMED)
        reason = f"{NOT_READ}: {', '.join(search.unread[:NAMED])}{more} could not be read"
    elif not complete:
        reason = f"{NOT_READ}: there are more than {MOST_FILES}"
    return replace(search.row, reason=reason, seen_elsewhere=tuple(rows[:MOST_ROWS]))


def _rows(search: _Search) -> list[SeenElsewhere]:
    """Of its own file what is there in another form, of others what is rare enough to be what is meant."""
    there = [one for one in search.seen if _is_elsewhere(*one)]
    there.sort(key=lambda one: (one[0] != one[1], one[0], one[2].sighting.line))
    others: dict[int, set[tuple[str, int]]] = {}
    for path, _, seen in there:
        if not seen.sighting.in_scope:
            others.setdefault(id(seen.sought), set()).add((path, seen.sighting.line))
    rows: dict[tuple[str, int], SeenElsewhere] = {}
    for path, own, seen in there:
        sighting = seen.sighting
        if sighting.in_scope or len(others[id(seen.sought)]) <= COMMON:
            difference, hint = _words(search.row, path, own, seen)
            row = SeenElsewhere(path, sighting.line, sighting.text, difference, hint)
            rows.setdefault((path, sighting.line), row)
    return list(rows.values())


def _is_elsewhere(path: str, own: str, seen: Seen) -> bool:
    """False for what stands where the edit looks, just as it has it: that did not count for another reason."""
    return path != own or not seen.sighting.in_scope or bool(seen.sighting.difference)


def _words(row: PlannedPatch, path: str, own: str, seen: Seen) -> tuple[str, str]:
    """Return what sets a place apart, and what to do about it."""
    sought, sighting = seen.sought, seen.sighting
    where = [f"not in {own}" if own else "in a file that the patch does not name"] * (path != own)
    if sought.scope and not sighting.in_scope:
        there = f"in `{sighting.scope}`" if sighting.scope else "outside of all definitions"
        where.append(f"{there}, where the patch looks in `{sought.scope}`")
    parts = "; ".join([*where, *([sighting.difference] if sighting.difference else [])])
    hint = (
        f"Write it as `ttsopt show {row.patch.id}` has it, and plan again."
        if path == own
        else OWN_DIFF
    )
    return parts, hint if sighting.in_scope else OWN_DIFF
