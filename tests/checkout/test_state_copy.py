from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ttsopt.checkout.fs.files import sha256
from ttsopt.checkout.state.journal import JournalRecord, PendingFile, read_journal, write_journal
from ttsopt.checkout.state.location import Checkout, open_checkout
from ttsopt.checkout.state.own_copy import read_copy
from ttsopt.checkout.state.state_copy import (
    discard_copy,
    is_lost,
    keep_copy,
    newest_copy,
    put_back,
    read_state,
)
from ttsopt.checkout.state.store import fetch, keep_all, open_store
from ttsopt.checkout.transaction import commit, recover
from ttsopt.domain.journal import Journal, JournalFile
from ttsopt.errors import RefusedError

Tree = Any  # conftest.py of this folder
ORIGINAL, WRITTEN = b"a = 1\n", b"a = 2\n"


@pytest.fixture
def applied(tree: Tree) -> Tree:
    commit(tree.checkout, tree.step("", "12"), tree.journal("12"))
    return tree


def copied(checkout: Checkout) -> set[str]:
    return {path.relative_to(checkout.copy).as_posix() for path in checkout.copy.rglob("*.*")}


def test_it_holds_the_journal_the_originals_and_the_name_of_the_checkout(applied: Tree) -> None:
    checkout = applied.checkout
    assert read_copy(checkout) == read_journal(checkout)
    assert (checkout.copy / "top.txt").read_text() == f"{checkout.top}\n"
    stored = {path.name: path.read_bytes() for path in (checkout.copy / "originals").iterdir()}
    assert stored == {
        sha256(data): data
        for path, data in applied.state("").items()
        if path != "new/deep/helper.py"
    }
    assert checkout.copy.parent.parent.stat().st_mode & 0o077 == 0 or os.name != "posix"


def test_a_folder_that_the_state_home_is_made_for_is_the_users_alone(
    applied: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = read_journal(applied.checkout)
    monkeypatch.setenv("TTSOPT_STATE_HOME", str(tmp_path / "a" / "state"))
    assert keep_copy(applied.checkout, record) == ()
    folders = [path for path in (tmp_path / "a").rglob("*") if path.is_dir()]
    assert folders
    assert {path.stat().st_mode & 0o777 for path in folders} == {0o700}


def test_after_a_full_rollback_what_is_not_of_the_state_stays(applied: Tree) -> None:
    checkout = applied.checkout
    for path in ("last.toml", "replaced/then/a.py"):
        (checkout.copy / path).parent.mkdir(exist_ok=True, parents=True)
        (checkout.copy / path).write_text("kept")
    commit(checkout, applied.step("12", ""), applied.journal(""))
    assert copied(checkout) == {"last.toml", "replaced/then/a.py", "top.txt"}
    assert not (checkout.copy / "originals").exists()
    assert not checkout.state.exists()


def test_after_a_full_rollback_with_nothing_else_the_folder_goes(applied: Tree) -> None:
    commit(applied.checkout, applied.step("12", ""), applied.journal(""))
    assert not applied.checkout.copy.exists()


def test_a_copy_whose_journal_nobody_can_read_is_set_aside_with_its_originals(
    applied: Tree,
) -> None:
    copy = applied.checkout.copy
    (copy / "journal.json").write_text("?")
    originals = {path.name for path in (copy / "originals").iterdir()}
    assert read_copy(applied.checkout) is None
    assert discard_copy(applied.checkout) == ()
    (aside,) = (copy / "replaced").iterdir()
    assert {path.name for path in aside.iterdir()} == {"journal.json", "originals"}
    assert {path.name for path in (aside / "originals").iterdir()} == originals


def emptied(state: Path) -> None:
    shutil.rmtree(state)
    state.mkdir()


def ignoring(state: Path) -> None:
    emptied(state)
    (state / ".gitignore").write_text("*\n")


@pytest.mark.parametrize("lose", [shutil.rmtree, emptied, ignoring])
def test_a_state_that_is_gone_is_read_from_it_and_put_back(
    applied: Tree, lose: Callable[[Path], None]
) -> None:
    checkout = applied.checkout
    record = read_state(checkout)
    assert not is_lost(checkout)
    lose(checkout.state)
    assert is_lost(checkout)
    assert read_state(checkout) == record
    assert is_lost(checkout)
    assert recover(checkout) == ()
    assert read_journal(checkout) == record
    shutil.rmtree(checkout.copy)
    for name in record.originals:
        assert fetch(checkout, name) is not None
    commit(checkout, applied.step("12", ""), applied.journal(""))
    assert applied.files() == applied.state("")


def test_a_discarded_copy_is_not_put_back(applied: Tree) -> None:
    shutil.rmtree(applied.checkout.state)
    discard_copy(applied.checkout)
    assert read_state(applied.checkout) == JournalRecord()
    recover(applied.checkout)
    assert not applied.checkout.state.exists()
    assert not applied.checkout.copy.exists()


def test_originals_that_one_of_the_two_lost_are_had_from_the_other(applied: Tree) -> None:
    checkout = applied.checkout
    one, *_ = names = sorted(read_journal(checkout).originals)
    (checkout.state / "originals" / one).unlink()
    (checkout.copy / "originals" / names[1]).unlink()
    assert all(fetch(checkout, name) for name in names)
    recover(checkout)
    assert (checkout.state / "originals" / one).exists()
    (checkout.copy / "originals" / one).unlink()
    assert fetch(checkout, one)


def test_an_original_that_is_damaged_in_one_is_had_from_the_other(applied: Tree) -> None:
    checkout = applied.checkout
    name = min(read_journal(checkout).originals)
    overwrite(checkout.state / "originals" / name)
    assert fetch(checkout, name)
    overwrite(checkout.copy / "originals" / name)
    with pytest.raises(RefusedError, match="not what was stored"):
        fetch(checkout, name)


def test_an_original_that_is_damaged_is_stored_anew_when_it_is_needed_again(applied: Tree) -> None:
    name = sha256(applied.state("")["a.py"])
    path = applied.checkout.state / "originals" / name
    overwrite(path)
    keep_all(applied.checkout, [applied.state("")["a.py"]])
    assert path.read_bytes() == applied.state("")["a.py"]


def overwrite(path: Path) -> None:
    path.chmod(0o644)
    path.write_bytes(b"?")


def test_the_newest_whole_copy_is_the_one_to_go_by(applied: Tree) -> None:
    checkout = applied.checkout
    second = checkout.state / "journal.copy.json"
    journal = applied.journal("1")
    newer = replace(read_journal(checkout), journal=journal, sequence=90)
    keep_copy(checkout, newer)
    assert newest_copy(checkout) == newer
    write_journal(checkout, replace(newer, journal=applied.journal("12"), sequence=90))
    assert newest_copy(checkout) == JournalRecord(applied.journal("12"))
    second.write_text("?")
    assert newest_copy(checkout) == newer
    (checkout.copy / "journal.json").write_text("?")
    assert newest_copy(checkout) is None


def test_a_first_journal_is_newer_than_a_copy_that_could_not_be_deleted(tree: Tree) -> None:
    open_store(tree.checkout)
    stale = JournalRecord(tree.journal("1"), sequence=70)
    keep_copy(tree.checkout, stale)
    commit(tree.checkout, tree.step("", "2"), tree.journal("2"))
    assert read_journal(tree.checkout).sequence > 70


def step_of(checkout: Checkout, now: bytes) -> JournalRecord:
    """A first step that was begun, of a file that is `now`; its state is in the copy alone."""
    (checkout.top / "a.py").write_bytes(now)
    pending = PendingFile("a.py", sha256(ORIGINAL), sha256(WRITTEN))
    open_store(checkout)
    keep_all(checkout, [ORIGINAL])
    record = write_journal(checkout, JournalRecord(Journal(), (pending,)))
    assert keep_copy(checkout, record) == ()
    shutil.rmtree(checkout.state)
    return record


@pytest.mark.parametrize("now", [ORIGINAL, WRITTEN])
def test_an_unfinished_step_that_only_the_copy_knows_is_undone(tmp_path: Path, now: bytes) -> None:
    checkout = open_checkout(tmp_path)
    record = step_of(checkout, now)
    assert read_state(checkout) == (record if now == WRITTEN else JournalRecord())
    assert recover(checkout) == (("a.py",) if now == WRITTEN else ())
    assert (tmp_path / "a.py").read_bytes() == ORIGINAL
    assert not checkout.state.exists()
    assert not checkout.copy.exists()


def test_of_such_a_step_another_version_of_a_file_is_left_alone_and_the_old_one_set_aside(
    tmp_path: Path,
) -> None:
    checkout = open_checkout(tmp_path)
    step_of(checkout, b"a = 3\n")
    assert recover(checkout) == ()
    assert (tmp_path / "a.py").read_bytes() == b"a = 3\n"
    (aside,) = (checkout.copy / "replaced").rglob("a.py")
    assert aside.read_bytes() == ORIGINAL
    assert not checkout.state.exists()


def test_a_rollback_whose_copy_could_not_be_dropped_is_not_undone(
    applied: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left of it in the user's folder tells of a step from patched files to these."""
    checkout = applied.checkout
    (checkout.top / "a.py").write_bytes(applied.state("12")["a.py"] + b"mine\n")
    step = tuple(
        replace(row, current=row.current + b"mine\n", after=row.after + b"mine\n")
        if row.path == "a.py"
        else row
        for row in applied.step("12", "")
    )
    after = {**applied.state(""), "a.py": applied.state("")["a.py"] + b"mine\n"}
    with monkeypatch.context() as patched:
        patched.setattr("ttsopt.checkout.state.state_copy._delete", cannot)
        (note,) = commit(checkout, step, applied.journal(""))
    assert str(checkout.copy) in note
    assert read_state(checkout).is_empty
    assert recover(checkout) == ()
    assert applied.files() == after
    assert not checkout.state.exists()
    assert not checkout.copy.exists()


def cannot(_: Checkout) -> None:
    raise PermissionError(13, "Permission denied")


def test_a_copy_of_what_is_not_in_the_tree_any_more_counts_for_nothing(applied: Tree) -> None:
    checkout = applied.checkout
    shutil.rmtree(checkout.state)
    shutil.rmtree(checkout.top / "new")
    for path, data in applied.state("").items():
        (checkout.top / path).parent.mkdir(exist_ok=True)
        (checkout.top / path).write_bytes(data)
    assert read_state(checkout).is_empty
    assert recover(checkout) == ()
    assert applied.files() == applied.state("")
    assert not checkout.state.exists()
    assert not checkout.copy.exists()


def test_with_nothing_to_put_back_nothing_is_made(tmp_path: Path) -> None:
    checkout = open_checkout(tmp_path)
    put_back(checkout)
    assert recover(checkout) == ()
    assert list(tmp_path.iterdir()) == []


def test_a_copy_that_cannot_be_read_is_none(tmp_path: Path, state_home: Path) -> None:
    checkout = open_checkout(tmp_path)
    checkout.copy.parent.mkdir()
    checkout.copy.symlink_to(tmp_path)
    (tmp_path / "journal.json").write_text("{}")
    assert read_copy(checkout) is None
    assert read_state(checkout) == JournalRecord()
    (note,) = keep_copy(checkout, JournalRecord())
    assert "is a link" in note
    assert sorted(path.name for path in tmp_path.iterdir()) == ["journal.json"]


def test_a_file_without_an_original_needs_none(tmp_path: Path) -> None:
    checkout = open_checkout(tmp_path)
    created = JournalRecord(Journal((), (JournalFile("a.py", "", sha256(WRITTEN), 0o644),)))
    assert keep_copy(checkout, created) == ()
    assert list((checkout.copy / "originals").iterdir()) == []
