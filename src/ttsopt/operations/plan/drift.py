"""How every patched file stands: as ttsopt left it, edited on top of that, or with nothing of ttsopt's in it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ttsopt.checkout.fs.files import sha256
from ttsopt.checkout.state.file_state import FileState, look, state_by_hash
from ttsopt.checkout.state.location import Checkout
from ttsopt.checkout.state.store import fetch
from ttsopt.domain.journal import Journal, JournalFile, JournalPatch
from ttsopt.editing.languages import is_config
from ttsopt.errors import RefusedError
from ttsopt.operations.plan.composition import compose_file
from ttsopt.operations.plan.merging import merge

GONE = (FileState.DRIFTED, FileState.MISSING)


@dataclass(frozen=True, slots=True)
class FileDrift:
    """A patched file (by its path from the top) and how it stands.

    `doubt`: why it may be patched all the same where it cannot be reached, or is not there; else empty.
    `put_back`: it was created by a patch that still stands in another file, and plans put it back.
    """

    file: JournalFile
    state: FileState
    doubt: str = ""
    put_back: bool = False

    @property
    def is_gone(self) -> bool:
        """True if nothing of any patch is in it, so that there is nothing to take out."""
        return self.state in GONE and not self.put_back


def file_drifts(checkout: Checkout, journal: Journal) -> tuple[FileDrift, ...]:
    """How the files of a journal stand, in its order.

    Raises:
        RefusedError: An original is damaged.
    """
    return tuple(_drift_of(checkout, journal, file) for file in journal.files)


def with_put_back(
    checkout: Checkout, journal: Journal, stands: Iterable[FileDrift]
) -> tuple[FileDrift, ...]:
    """The same, with the created files marked that are missing while a file that imports them may be left.

    `git clean -fd` deletes what is untracked: the modules that patches laid out, and not the imports of them.
    """
    rows = tuple(stands)
    there = {row.file.path for row in rows if not row.is_gone}
    needed = {
        path for patch in journal.patches if there & set(patch.splices) for path in patch.created
    }
    return tuple(
        replace(row, put_back=True)
        if row.is_gone and row.file.path in needed and _can_be_put_back(checkout, row.file)
        else row
        for row in rows
    )


def _can_be_put_back(checkout: Checkout, file: JournalFile) -> bool:
    """True if nothing is in the place of a created file, and that place is in the checkout."""
    try:
        real = checkout.locate(file.path)
    except RefusedError:
        return False
    return not file.original_sha256 and not os.path.lexists(real)


def without_gone(journal: Journal, stands: Iterable[FileDrift]) -> Journal:
    """The journal of what is really there; patches whose files are all gone stay, with nothing to their name."""
    gone = {row.file.path for row in stands if row.is_gone}
    patches = tuple(_without(patch, gone) for patch in journal.patches)
    return Journal(patches, tuple(file for file in journal.files if file.path not in gone))


def _without(patch: JournalPatch, gone: set[str]) -> JournalPatch:
    if not gone & set(patch.splices):
        return patch
    return replace(
        patch,
        splices={path: rows for path, rows in patch.splices.items() if path not in gone},
        created={path: mode for path, mode in patch.created.items() if path not in gone},
        deleted=tuple(path for path in patch.deleted if path not in gone),
    )


def with_gone_again(after: Journal, recorded: Journal, before: Journal) -> Journal:
    """A journal that a plan leads to, with what is `recorded` of files that are gone, until rollback drops it.

    `before` is what the plan started from, without them. A patch that was taken again starts anew, and so does a
    file that another patch was applied to.
    """
    missing = {row.path: row for row in recorded.files if before.file(row.path) is None}
    kept = {path: row for path, row in missing.items() if after.file(path) is None}
    started = {(row.id, row.root): row for row in before.patches}
    patches = {(row.id, row.root): row for row in after.patches}
    for row in recorded.patches:
        place = row.id, row.root
        if place not in patches:
            patches[place] = _without(row, set(row.splices) - set(kept))
        elif patches[place] == started.get(place):
            patches[place] = _without(row, set(missing) - set(kept))
    rows = tuple(patches[place] for place in sorted(patches) if patches[place].splices)
    needed = {path for row in rows for path in row.splices}
    files = {row.path: row for row in after.files} | kept
    return Journal(rows, tuple(files[path] for path in sorted(files) if path in needed))


def _drift_of(checkout: Checkout, journal: Journal, file: JournalFile) -> FileDrift:
    found = look(checkout, file.path, file.real)
    if found.unreachable:
        return FileDrift(file, FileState.UNREACHABLE, found.unreachable)
    state = _state(checkout, journal, file, found.data)
    if state is not FileState.MISSING:
        return FileDrift(file, state)
    from ttsopt.checkout.upstream.pristine import why_in_doubt

    return FileDrift(file, state, why_in_doubt(checkout, file))


def _state(checkout: Checkout, journal: Journal, file: JournalFile, now: bytes | None) -> FileState:
    state = state_by_hash(file, sha256(now))
    if state is not FileState.EDITED or now is None:
        return state
    try:
        original = fetch(checkout, file.original_sha256)
    except RefusedError:
        # Its original is lost: what of it is ours cannot be told, and rollback says so.
        return state
    written = compose_file(file.path, original, journal.owners(file.path))
    if original is None or written is None:
        return FileState.EDITED
    return _changed_state(checkout, file.path, original, written, now)


def _changed_state(
    checkout: Checkout, path: str, original: bytes, written: bytes, now: bytes
) -> FileState:
    """A file that is neither as ttsopt found it nor as ttsopt left it."""
    if is_config(path):
        from ttsopt.editing.config.carry_keys import Held, holds

        held = holds(path, now, original, written)
        if held is not Held.SOME:
            # Upstream writes it anew at run time (GPT-SoVITS: tts_infer.yaml); its settings are what counts.
            return FileState.APPLIED if held is Held.ALL else FileState.DRIFTED
    if merge(path, base=written, current=now, target=original) == now:
        return FileState.DRIFTED  # nothing to take out
    overwritten = _was_overwritten(checkout, path, original, written, now)
    return FileState.DRIFTED if overwritten else FileState.EDITED


def _was_overwritten(
    checkout: Checkout, path: str, original: bytes, written: bytes, now: bytes
) -> bool:
    """Return True if upstream's own newer version took the file's place, perhaps with somebody's edits since.

    It has no more of the lines that the patches brought than the original had, and all of those that they took
    away which upstream has; a file that is not upstream's to the byte has some of them. Or it is a version that
    others have, to the byte: then it may even have the change of itself.
    """
    from ttsopt.checkout.upstream.pristine import pristine_version

    pristine = pristine_version(checkout, path, now)
    if pristine is None:
        return False
    is_same = pristine.is_same(now)
    if is_same and pristine.is_published:
        return True
    first, patched, there, upstream = map(_lines, (original, written, now, pristine.data))
    brought, taken = patched - first, first - patched
    without_ours = bool(brought) and all(
        max(there[line], upstream[line]) <= first[line] for line in brought
    )
    is_back = all(there[line] >= upstream[line] for line in taken)
    return without_ours and is_back and (is_same or any(upstream[line] for line in taken))


def _lines(data: bytes) -> Counter[bytes]:
    return Counter(line.strip() for line in data.splitlines() if line.strip())
