"""The steps of an update; each finds out by itself what is left to do, since it may have been stopped anywhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from ttsopt.checkout.state.location import Checkout
from ttsopt.checkout.update_record import NAME, UpdateRecord, delete_update, read_update
from ttsopt.checkout.upstream.forward import go_back, go_forward, set_branch
from ttsopt.checkout.upstream.repository import Repository
from ttsopt.errors import RefusedError, TtsoptError
from ttsopt.operations.locate import Target
from ttsopt.operations.patch_list import parse_list
from ttsopt.operations.reapply import Reapplied, put_in
from ttsopt.operations.recovery import Turn, settled_journal
from ttsopt.operations.rollback import rollback
from ttsopt.operations.updating.checks import check_clean, recipe, ways_between
from ttsopt.operations.updating.sides import Side, find_side, put_journal_back
from ttsopt.operations.updating.ways_on import ways_on

Result = TypeVar("Result")


def forward(
    checkout: Checkout, repository: Repository, record: UpdateRecord, turn: Turn
) -> Reapplied:
    """Take the patches out, go to the new commit, and put them in again; then the record is gone.

    Raises:
        RefusedError: The checkout has moved or was edited, or git does not go forward: then all is as before.
        CannotRunError: Git was cut off, or a file cannot be read or written.
    """
    ways = ways_between(repository, record.old, record.new)
    if find_side(checkout, repository, record, ways) is Side.OLD:
        check_clean(checkout, repository, settled_journal(checkout), ways)
        _roll_back(checkout, turn)
        said = go_forward(repository, record.new)
        if said:
            find_side(checkout, repository, record, ways)
            put_journal_back(checkout, record.journal)
            delete_update(checkout)
            message = "git does not go forward, and the patches are in as before:"
            hint = f"By hand: {recipe(repository)}"
            raise RefusedError("not-merged", message, hint, said.splitlines())
    elif repository.commit("HEAD") == record.old:  # stopped before git moved the branch
        set_branch(repository, record.branch, record.new, record.old, "go on")
    done = _put_in(checkout, record, turn)
    delete_update(checkout)
    return done


def back(
    checkout: Checkout, repository: Repository, record: UpdateRecord, turn: Turn
) -> tuple[str, ...]:
    """Go to the old commit, and put the patches in as they were; then the record is gone. Gives notes as `commit`.

    Raises:
        RefusedError: The checkout has moved or was edited.
        CannotRunError: As `forward`.
    """
    ways = ways_between(repository, record.old, record.new)
    if find_side(checkout, repository, record, ways) is Side.NEW:
        _roll_back(checkout, turn)
        said = go_back(repository, record.new, record.old)
        if said:
            message = "git does not go back, so that no edit is lost:"
            hint = "Put those files away first."
            raise RefusedError("not-taken-back", message, hint, said.splitlines())
    if repository.commit("HEAD") == record.new:
        set_branch(repository, record.branch, record.old, record.new, "taken back")
    is_patched = bool(settled_journal(checkout).patches)
    notes = () if is_patched else put_journal_back(checkout, record.journal)
    delete_update(checkout)
    return notes


def told(checkout: Checkout, action: Callable[[], Result]) -> Result:
    """Carry out steps; an error on the way says how to go on.

    Raises:
        TtsoptError: As the steps.
    """
    try:
        return action()
    except TtsoptError as error:
        record = read_update(checkout)
        if record is not None:
            unfinished = f"The update is unfinished: {ways_on(checkout, record)}"
            error.hint = f"{error.hint} {unfinished}".strip()
        raise


def _roll_back(checkout: Checkout, turn: Turn) -> None:
    refusal = rollback(checkout.top, turn=turn).refusal
    if refusal:
        raise refusal


def _put_in(checkout: Checkout, record: UpdateRecord, turn: Turn) -> Reapplied:
    wanted = parse_list(record.patches.encode("utf-8", "surrogateescape"), checkout.copy / NAME)
    target = Target(checkout.top, catalogs=tuple(map(Path, record.catalogs)))
    files = [file for file in map(Path, record.patch_files) if file.is_file()]
    return put_in(target, "remembered", wanted, patch_files=files, turn=turn)
