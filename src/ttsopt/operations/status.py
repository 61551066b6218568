"""Status: what is applied, how its files stand, and which patches have a newer version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ttsopt.checkout.drift import FileState, file_state
from ttsopt.checkout.journal import read_journal
from ttsopt.checkout.location import Checkout, open_checkout
from ttsopt.domain.journal import JournalPatch


@dataclass(frozen=True, slots=True)
class CheckoutStatus:
    """The state of a checkout. `newer` maps a patch to the catalogue's version where that is higher.

    `unfinished` names the files of a step that was begun and not finished.
    """

    checkout: Checkout
    patches: tuple[JournalPatch, ...] = ()
    files: tuple[tuple[str, FileState], ...] = ()
    newer: Mapping[str, int] = field(default_factory=dict)
    unfinished: tuple[str, ...] = ()


def status(directory: Path) -> CheckoutStatus:
    """Read the journal and compare the files; nothing is written.

    Raises:
        UsageError: No such folder.
        RefusedError: A damaged journal, or a newer one.
    """
    checkout = open_checkout(directory)
    record = read_journal(checkout)
    patches = record.journal.patches
    files = tuple((file.path, file_state(checkout, file)) for file in record.journal.files)
    unfinished = tuple(file.path for file in record.pending)
    return CheckoutStatus(checkout, patches, files, _newer(patches) if patches else {}, unfinished)


def _newer(patches: tuple[JournalPatch, ...]) -> dict[str, int]:
    # The catalogue is read only here: `ttsopt status` in an unpatched checkout has to start fast.
    from ttsopt.catalog.load import load_catalogue

    versions = {patch.id: patch.version for patch in load_catalogue().patches}
    return {row.id: versions[row.id] for row in patches if versions.get(row.id, 0) > row.version}
