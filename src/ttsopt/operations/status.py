"""Status: what is applied, how its files stand, what could be done, and which patches have a newer version."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ttsopt.checkout.state.file_state import FileState, look, state_by_hash
from ttsopt.checkout.state.location import Checkout, open_checkout

if TYPE_CHECKING:
    from ttsopt.checkout.state.own_copy import ForeignStateError
    from ttsopt.checkout.update_record import UpdateRecord
    from ttsopt.domain.journal import Journal, JournalFile, JournalPatch
    from ttsopt.operations.reapply_preview import GonePatch, Stuck

# Where the record of what is applied was read.
State = Literal[".ttsopt", "copy", "none", "foreign"]
Files = tuple[tuple[str, FileState], ...]


@dataclass(frozen=True, slots=True)
class CheckoutStatus:
    """The state of a checkout. `newer` maps a patch to the catalogue's version where that is higher.

    `unfinished` names the files of a step that was begun and not finished; `gone` has the patches that are not,
    or not wholly, in their files any more; `stuck` the edited files from which rollback could not take them;
    `lost` the files whose originals are lost; `update` is one that was stopped on its way. Of state that is not
    this user's, `foreign`, nothing else is known.
    """

    checkout: Checkout
    patches: tuple[JournalPatch, ...] = ()
    files: Files = ()
    newer: Mapping[str, int] = field(default_factory=dict)
    unfinished: tuple[str, ...] = ()
    gone: tuple[GonePatch, ...] = ()
    stuck: tuple[Stuck, ...] = ()
    state: State = "none"
    update: UpdateRecord | None = None
    lost: tuple[str, ...] = ()
    foreign: ForeignStateError | None = None

    @property
    def is_whole(self) -> bool:
        """True if all is as ttsopt left it, and its record of that where it belongs."""
        applied = all(state is FileState.APPLIED for _, state in self.files)
        is_settled = not (self.unfinished or self.lost) and self.update is None
        return applied and is_settled and self.state in {".ttsopt", "none"}


def status(
    directory: Path, catalogs: Sequence[Path] = (), only: frozenset[str] | None = None
) -> CheckoutStatus:
    """Read the journal and compare the files; nothing is written. Foreign state is no error here.

    Raises:
        UsageError: No such folder.
        RefusedError: A damaged journal, or a newer one.
    """
    checkout = open_checkout(directory)
    found = CheckoutStatus(checkout)
    if _has_a_record(checkout):
        found = _read(checkout, catalogs, only)
    if os.path.lexists(checkout.copy / "update.json"):
        from ttsopt.checkout.update_record import read_update

        return replace(found, update=read_update(checkout))
    return found


def _has_a_record(checkout: Checkout) -> bool:
    """Return True if there is anything to read: what reading it takes is not imported for a checkout without."""
    places = (checkout.state, checkout.copy / "journal.json")
    return any(os.path.lexists(path) for path in places)


def _read(
    checkout: Checkout, catalogs: Sequence[Path], only: frozenset[str] | None
) -> CheckoutStatus:
    from ttsopt.checkout.state.own_copy import ForeignStateError
    from ttsopt.checkout.state.state_copy import is_lost, read_state
    from ttsopt.operations.installed import part_of

    try:
        record = read_state(checkout)
    except ForeignStateError as error:
        return CheckoutStatus(checkout, state="foreign", foreign=error)
    lost = is_lost(checkout)
    if not (record.journal.patches or record.pending) or (lost and _is_of_another_tree(checkout)):
        return CheckoutStatus(checkout)
    unfinished = tuple(file.path for file in record.pending)
    journal = part_of(record.journal, checkout, only)
    files = _files(checkout, journal)
    gone: tuple[GonePatch, ...] = ()
    stuck: tuple[Stuck, ...] = ()
    if not unfinished and any(state is not FileState.APPLIED for _, state in files):
        # The planner is imported only where something is not as ttsopt left it.
        from ttsopt.operations.reapply_preview import look_ahead, stuck_files

        files, gone = look_ahead(checkout, journal, catalogs)
        stuck = stuck_files(checkout, files, only)
    patches = journal.patches
    state: State = "copy" if lost else ".ttsopt"
    newer = _newer(patches, catalogs) if patches else {}
    missing = _lost_originals(checkout, journal, files)
    return CheckoutStatus(
        checkout, patches, files, newer, unfinished, gone, stuck, state, lost=missing
    )


def _is_of_another_tree(checkout: Checkout) -> bool:
    """Return True if what the copy of the state tells of is not there any more."""
    from ttsopt.operations.recovery import is_stale

    return is_stale(checkout)


def _files(checkout: Checkout, journal: Journal) -> Files:
    return tuple((file.path, _file_state(checkout, file)) for file in journal.files)


def _file_state(checkout: Checkout, file: JournalFile) -> FileState:
    from ttsopt.checkout.fs.files import sha256

    found = look(checkout, file.path, file.real)
    if found.unreachable:
        return FileState.UNREACHABLE
    now = found.data
    state = state_by_hash(file, sha256(now))
    # What ttsopt laid out and is not there is as it was at first; to people, it is missing.
    return FileState.MISSING if now is None and state is FileState.DRIFTED else state


def _lost_originals(checkout: Checkout, journal: Journal, files: Files) -> tuple[str, ...]:
    """The patched files whose first versions neither the checkout nor the user's state folder has whole."""
    from ttsopt.checkout.state.store import fetch
    from ttsopt.errors import TtsoptError

    needed = {path for path, state in files if state in {FileState.APPLIED, FileState.EDITED}}
    lost = []
    for file in journal.files:
        try:
            if file.path in needed:
                fetch(checkout, file.original_sha256)
        except TtsoptError:
            lost.append(file.path)
    return tuple(lost)


def _newer(patches: tuple[JournalPatch, ...], catalogs: Sequence[Path]) -> dict[str, int]:
    from ttsopt.catalog.load import load_catalogue

    systems = {row.id.partition("/")[0] for row in patches}
    versions = {patch.id: patch.version for patch in load_catalogue(catalogs, systems).patches}
    return {row.id: versions[row.id] for row in patches if versions.get(row.id, 0) > row.version}
