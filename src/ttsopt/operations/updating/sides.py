"""Where an update was stopped: which commit the index is of, with what a killed git left half done put right."""

from __future__ import annotations

from enum import Enum

from ttsopt.checkout.fs.files import sha256
from ttsopt.checkout.state.file_state import bytes_there
from ttsopt.checkout.state.location import Checkout
from ttsopt.checkout.transaction import commit
from ttsopt.checkout.update_record import BRANCH, SHOWN, UpdateRecord
from ttsopt.checkout.upstream.forward import mend
from ttsopt.checkout.upstream.repository import Repository
from ttsopt.domain.journal import Journal
from ttsopt.domain.plan import FileChange
from ttsopt.domain.typed_command import typed
from ttsopt.errors import RefusedError
from ttsopt.operations.patch_list import remember
from ttsopt.operations.plan.composition import compose_file
from ttsopt.operations.recovery import settled_journal
from ttsopt.operations.updating.checks import Ways


class Side(Enum):
    """The commit that index and work tree are of."""

    OLD = "old"
    NEW = "new"


def find_side(checkout: Checkout, repository: Repository, record: UpdateRecord, ways: Ways) -> Side:
    """Tell which of the two commits is there; files that a killed git left between them are as in that one again.

    Raises:
        RefusedError: The branch or the index is another one by now.
        CannotRunError: A file cannot be read or written, or git fails.
    """
    head, branch = repository.commit("HEAD"), repository.branch()
    if branch != record.branch or head not in {record.old, record.new}:
        raise _moved(checkout, record, branch, head)
    index = repository.index()
    trees = {Side.OLD: dict(ways.old), Side.NEW: dict(ways.new)}
    side = next((side for side, tree in trees.items() if index == tree), None)
    if side is None or (side is Side.OLD and head == record.new and not record.is_taken_back):
        message = f"something is staged in {checkout.top} since the update was stopped"
        command = typed("git", "-C", checkout.top, "reset")
        raise RefusedError("staged", message, f"`{command}` unstages it, and keeps the files.")
    if not settled_journal(
        checkout
    ).patches:  # with patches in, it was not stopped between the commits
        other = trees[Side.NEW if side is Side.OLD else Side.OLD]
        mend(checkout, repository, trees[side], other, ways.changed)
    return side


def put_journal_back(checkout: Checkout, journal: Journal) -> tuple[str, ...]:
    """Apply what a journal has to the very files that it was applied to; gives notes as `commit`.

    Raises:
        RefusedError: A file is not what it was then.
        CannotRunError: It cannot be read or written; nothing is changed.
    """
    rows = [(file, bytes_there(checkout, file.path)) for file in journal.files]
    others = [file.path for file, data in rows if sha256(data) != file.original_sha256]
    if others:
        message = f"the patches were made for another {', '.join(others)}"
        hint = f"`{typed('ttsopt', 'reapply', checkout.top)}` applies them to what is there."
        raise RefusedError("changed-since", message, hint)
    changes = [
        FileChange(
            checkout.from_directory(file.path),
            data,
            data,
            compose_file(file.path, data, journal.owners(file.path)),
            file.mode,
            file.folders,
        )
        for file, data in rows
    ]
    notes = commit(checkout, changes, journal)
    forgotten = remember(checkout, journal)
    return (*notes, forgotten) if forgotten else notes


def _moved(checkout: Checkout, record: UpdateRecord, branch: str, head: str) -> RefusedError:
    def named(branch: str, commit: str) -> str:
        return f"{branch.removeprefix(BRANCH) or 'no branch'} at {commit[:SHOWN]}"

    message = (
        f"{checkout.top} has moved since the update was stopped: {named(branch, head)} is checked out, and it was "
        f"between {named(record.branch, record.old)} and {record.new[:SHOWN]}"
    )
    back = typed("git", "-C", checkout.top, "switch", record.branch.removeprefix(BRANCH))
    forget = typed("ttsopt", "update", "--forget", checkout.top)
    hint = (
        f"`{back}` goes back there; `{forget}` leaves everything as it is, and forgets the update."
    )
    return RefusedError("moved", message, hint)
