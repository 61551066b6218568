"""What becomes of a step that was cut short, and of files that somebody changed meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from faults import End, Kind, strike_at

from ttsopt.checkout import transaction
from ttsopt.checkout.fs.files import sha256, write_file
from ttsopt.checkout.fs.swap import Written
from ttsopt.checkout.state.journal import JournalRecord, PendingFile, read_journal, write_journal
from ttsopt.checkout.state.location import Checkout
from ttsopt.checkout.state.store import keep_all
from ttsopt.checkout.transaction import commit, recover
from ttsopt.errors import RefusedError

Tree = Any  # conftest.py of this folder
MOST = 300


def go(tree: Tree, before: str, after: str) -> None:
    commit(tree.checkout, tree.step(before, after), tree.journal(after))


def killed(action: Callable[[], object], count: int) -> bool:
    """Run in a child that is killed just before its `count`-th change of the disk; whether it came to that."""
    return strike_at(action, Kind.KILL_BEFORE, count).end is End.KILLED


def killed_between_two_files(tree: Tree, before: str, after: str) -> None:
    """The step has written the first file, and no other yet."""
    for count in range(MOST):
        assert killed(lambda: go(tree, before, after), count), "never killed between two files"
        if tree.files()["a.py"] == tree.state(after)["a.py"]:
            return
        recover(tree.checkout)


def test_a_file_edited_after_the_kill_is_left_alone_and_its_original_kept(tree: Tree) -> None:
    killed_between_two_files(tree, "", "1")
    (tree.checkout.top / "a.py").write_bytes(b"mine\n")
    told: list[str] = []
    assert recover(tree.checkout, told.append) == ()
    assert tree.files() == {**tree.state(""), "a.py": b"mine\n"}
    (aside,) = tree.checkout.copy.rglob("a.py")
    assert aside.read_bytes() == tree.state("")["a.py"]
    (note,) = told
    assert "a.py was edited" in note
    assert str(aside) in note
    assert read_journal(tree.checkout).is_empty
    assert not tree.checkout.state.exists()


def test_a_file_that_the_step_had_not_reached_may_be_edited_after_the_kill(tree: Tree) -> None:
    go(tree, "", "1")
    killed_between_two_files(tree, "1", "12")
    (tree.checkout.top / "sub/b.py").write_bytes(b"mine\n")
    assert recover(tree.checkout) == ("a.py",)
    assert tree.files() == {**tree.state("1"), "sub/b.py": b"mine\n"}
    assert read_journal(tree.checkout) == JournalRecord(tree.journal("1"))
    assert recover(tree.checkout) == ()


def test_files_that_git_put_back_after_the_kill_are_not_edited(tree: Tree) -> None:
    go(tree, "", "1")
    killed_between_two_files(tree, "1", "12")
    for path in ("a.py", "sub/b.py"):
        (tree.checkout.top / path).write_bytes(tree.state("")[path])
    told: list[str] = []
    recover(tree.checkout, told.append)
    assert told == []
    assert tree.files() == tree.state("")
    assert read_journal(tree.checkout) == JournalRecord(tree.journal("1"))


@pytest.mark.parametrize("now", ["", "1"])
def test_a_step_that_had_stored_nothing_yet_wrote_nothing(tree: Tree, now: str) -> None:
    """It is dropped, whatever became of the files since: the journal of before it holds."""
    go(tree, "", "1")
    record = read_journal(tree.checkout)
    before, after = tree.state("1")["a.py"], tree.state("")["a.py"]
    step = PendingFile("a.py", sha256(before), sha256(after))
    write_journal(tree.checkout, replace(record, pending=(step,)))
    (tree.checkout.top / "a.py").write_bytes(tree.state(now)["a.py"])
    assert recover(tree.checkout) == ()
    assert tree.files()["a.py"] == tree.state(now)["a.py"]
    assert read_journal(tree.checkout) == record


def test_what_a_written_file_was_and_is_lost_is_never_taken_for_nothing_written(tree: Tree) -> None:
    killed_between_two_files(tree, "", "1")
    name = sha256(tree.state("")["a.py"])
    for folder in (tree.checkout.state, tree.checkout.copy):
        (folder / "originals" / name).unlink()
    files = tree.files()
    with pytest.raises(RefusedError, match=name[:12]):
        recover(tree.checkout)
    assert tree.files() == files
    assert read_journal(tree.checkout).pending


@pytest.mark.parametrize("path", ["a.py", "sub/b.py"])
def test_a_file_saved_while_the_step_is_written_is_not_overwritten(
    tree: Tree, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """Between the check of all files and the write of one, the originals are stored, which takes time."""

    def saves(checkout: Checkout, texts: Iterable[bytes | None], private: Collection[str]) -> None:
        keep_all(checkout, texts, private)
        (checkout.top / path).write_bytes(b"mine\n")

    monkeypatch.setattr(transaction, "keep_all", saves)
    with pytest.raises(RefusedError) as caught:
        go(tree, "", "1")
    assert caught.value.code == "changed-meanwhile"
    assert tree.files() == {**tree.state(""), path: b"mine\n"}
    assert not tree.checkout.state.exists()
    assert not tree.checkout.copy.exists()


def test_where_a_file_is_saved_right_after_its_write_the_refusal_says_where_the_original_is(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    def and_saved(path: Path, *arguments: Any) -> Written:
        done = write_file(path, *arguments)
        (tree.checkout.top / "a.py").write_bytes(b"mine\n")
        return done

    monkeypatch.setattr(transaction, "write_file", and_saved)
    with pytest.raises(RefusedError) as caught:
        commit(tree.checkout, tree.step("", "1")[:1], tree.journal("1"))
    (aside,) = tree.checkout.copy.rglob("a.py")
    assert aside.read_bytes() == tree.state("")["a.py"]
    assert str(aside) in caught.value.message
    assert tree.files() == {**tree.state(""), "a.py": b"mine\n"}
