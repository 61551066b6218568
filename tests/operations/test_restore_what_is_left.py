"""Restore after a kill, and where a copy is of another tree."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from faults import End, Kind, strike_at

from ttsopt.checkout.fs.files import sha256
from ttsopt.checkout.state.journal import JournalRecord, PendingFile, read_journal, write_journal
from ttsopt.checkout.state.location import open_checkout
from ttsopt.checkout.state.state_copy import keep_copy
from ttsopt.checkout.state.store import keep_all
from ttsopt.errors import RefusedError
from ttsopt.operations.restore import restore
from ttsopt.operations.rollback import rollback

Toys = Any  # conftest.py of this folder


def cut_off(state: Path) -> None:
    data = (state / "journal.json").read_bytes()
    (state / "journal.json").write_bytes(data[: len(data) // 2])


def refusal_code(toys: Toys) -> str:
    with pytest.raises(RefusedError) as caught:
        restore(toys.checkout)
    return caught.value.code


def test_an_unfinished_step_is_undone_too(toys: Toys) -> None:
    before = toys.files()
    toys.apply("shown")
    checkout = open_checkout(toys.checkout)
    record = read_journal(checkout)
    half_done = b"class Toy: ...\n"
    reached = toys.core.read_bytes()
    keep_all(checkout, [reached])
    pending = PendingFile("toy/core.py", sha256(reached), sha256(half_done))
    toys.core.write_bytes(half_done)
    write_journal(checkout, JournalRecord(record.journal, (pending,), record.sequence))
    cut_off(toys.state)
    assert restore(toys.checkout).restored == ("toy/core.py", "toy/extra.py")
    assert toys.files() == before


@pytest.mark.parametrize("is_cut", [True, False])
def test_a_step_that_had_stored_nothing_yet_does_not_make_it_forget_a_file(
    toys: Toys, is_cut: bool
) -> None:
    before = toys.files()
    toys.apply("steps")
    checkout = open_checkout(toys.checkout)
    record = read_journal(checkout)
    first = before["toy/core.py"].encode()
    step = PendingFile("toy/core.py", sha256(toys.core.read_bytes()), sha256(first))
    write_journal(checkout, replace(record, pending=(step,)))
    if is_cut:
        cut_off(toys.state)
        assert restore(toys.checkout).restored == ("toy/core.py",)
    else:
        assert refusal_code(toys) == "journal-whole"
        assert rollback(toys.checkout).refusal is None
    assert toys.files() == before
    assert not toys.state.exists()


def test_a_kill_at_any_point_loses_no_patched_file(toys: Toys) -> None:
    """Where restore is refused, the journal is whole, and rollback does it; nothing is ever forgotten."""
    before = toys.files()
    was_killed, tried = True, 0
    while was_killed:
        toys.apply("steps", "shown")
        struck = strike_at(lambda: rollback(toys.checkout), Kind.KILL_BEFORE, tried)
        was_killed, tried = struck.end is End.KILLED, tried + 4
        with suppress(RefusedError):
            restore(toys.checkout)
        rollback(toys.checkout)
        assert toys.files() == before
    assert tried > 20


def test_a_journal_of_another_tree_under_the_same_path_is_not_believed(toys: Toys) -> None:
    before = toys.files()
    toys.apply("shown")
    checkout = open_checkout(toys.checkout)
    mine = toys.checkout.rename(toys.checkout.with_name("mine"))
    shutil.copytree(mine, toys.checkout, ignore=shutil.ignore_patterns(".ttsopt"))
    (toys.checkout / "toy/extra.py").write_text(before["toy/extra.py"])
    shutil.rmtree(checkout.copy)
    for names in (["steps"], ["calls"]):
        toys.apply(*names)
    shutil.rmtree(toys.checkout)
    mine.rename(toys.checkout)
    cut_off(toys.state)
    done = restore(toys.checkout)
    assert [row.id for row in done.patches] == ["toy/shown"]
    assert toys.files() == before


def test_in_a_new_clone_with_an_old_copy_there_is_nothing_to_restore(toys: Toys) -> None:
    before = toys.files()
    toys.apply("steps")
    shutil.rmtree(toys.state)
    toys.core.write_text(before["toy/core.py"] + "\n\n\n# newer\n")
    assert refusal_code(toys) == "nothing-to-restore"


def test_a_state_of_another_checkout_is_no_proof(toys: Toys) -> None:
    """What is in the user's folder under this path may have been of a tree that stood here before."""
    toys.apply()
    checkout = open_checkout(toys.checkout)
    record = read_journal(checkout)
    toys.core.write_text("something else\n")
    keep_copy(checkout, record)
    cut_off(toys.state)
    done = restore(toys.checkout)
    assert toys.core.read_text() == "something else\n"
    assert "toy/core.py" not in done.restored
