from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import pytest
from faults import End, Kind, strike_at

from ttsopt.checkout import transaction
from ttsopt.checkout.fs.files import sha256, write_file
from ttsopt.checkout.fs.swap import Written
from ttsopt.checkout.state.file_state import FileState, state_by_hash
from ttsopt.checkout.state.journal import read_journal
from ttsopt.checkout.state.location import Checkout
from ttsopt.checkout.state.own_copy import read_copy
from ttsopt.checkout.state.state_copy import read_state
from ttsopt.checkout.transaction import commit, recover
from ttsopt.domain.journal import Journal
from ttsopt.domain.plan import FileChange
from ttsopt.errors import CannotRunError, RefusedError

STEPS = [("", "1"), ("1", "12"), ("12", "2"), ("12", ""), ("1", "")]
# Every kill point of these is tried: files and folders come, files change, and all goes.
MOST = 300


class Tree(Protocol):
    """What conftest.py makes; patches are told by one letter each."""

    checkout: Checkout

    def state(self, patches: str) -> dict[str, bytes]: ...
    def journal(self, patches: str) -> Journal: ...
    def step(self, before: str, after: str) -> tuple[FileChange, ...]: ...
    def files(self) -> dict[str, bytes]: ...


MakeTree = Callable[[], Tree]


def go(tree: Tree, before: str, after: str) -> None:
    commit(tree.checkout, tree.step(before, after), tree.journal(after))


def reach(make_tree: MakeTree, patches: str) -> Tree:
    tree = make_tree()
    if patches:
        go(tree, "", patches)
    return tree


def check_whole(tree: Tree, *possible: str) -> str:
    """Files and journal tell of the same state, and nothing else lies about; gives that state."""
    journal = read_journal(tree.checkout)
    assert not journal.pending
    state = next(one for one in possible if tree.journal(one) == journal.journal)
    assert tree.files() == tree.state(state)
    assert tree.checkout.state.exists() == bool(state)
    assert (tree.checkout.top / "new").exists() == ("2" in state)
    assert read_copy(tree.checkout) == (journal if state else None)
    assert tree.checkout.copy.exists() == bool(state)
    return state


@pytest.mark.parametrize(("before", "after"), STEPS)
def test_a_step_is_made_and_recorded(make_tree: MakeTree, before: str, after: str) -> None:
    tree = reach(make_tree, before)
    go(tree, before, after)
    assert check_whole(tree, after) == after


def test_a_file_that_is_not_as_planned_stops_it_before_anything_is_written(tree: Tree) -> None:
    (tree.checkout.top / "sub/b.py").write_bytes(b"mine = 1\n")
    with pytest.raises(RefusedError, match=r"sub/b\.py changed"):
        go(tree, "", "1")
    assert tree.files() == {**tree.state(""), "sub/b.py": b"mine = 1\n"}
    assert not tree.checkout.state.exists()


@pytest.mark.parametrize(("before", "after"), STEPS)
def test_a_write_that_fails_puts_everything_back(
    make_tree: MakeTree, monkeypatch: pytest.MonkeyPatch, before: str, after: str
) -> None:
    tree = reach(make_tree, before)
    written: list[Path] = []

    def fails_at_the_second(path: Path, *arguments: Any) -> Written:
        written.append(path)
        if len(written) == 2:
            raise CannotRunError("unwritable", "the disk is full")
        return write_file(path, *arguments)

    with monkeypatch.context() as patched:
        patched.setattr(transaction, "write_file", fails_at_the_second)
        with pytest.raises(CannotRunError, match="disk is full"):
            go(tree, before, after)
    assert len(written) == 2
    assert check_whole(tree, before) == before


def test_a_folder_that_cannot_be_written_changes_nothing(tree: Tree) -> None:
    blocked = tree.checkout.top / "sub" / "__pycache__" / "b.x.pyc"
    blocked.mkdir(parents=True)
    with pytest.raises(CannotRunError):
        go(tree, "", "1")
    assert check_whole(tree, "") == ""


def test_an_interruption_puts_everything_back(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    left = [KeyboardInterrupt]

    def interrupted(path: Path, *arguments: Any) -> Written:
        done = write_file(path, *arguments)
        if left:
            raise left.pop()
        return done

    monkeypatch.setattr(transaction, "write_file", interrupted)
    with pytest.raises(KeyboardInterrupt):
        go(tree, "", "1")
    assert check_whole(tree, "") == ""


@pytest.mark.parametrize("before", ["", "1"])
def test_a_kill_at_any_point_is_recovered_where_git_cleaned_since(
    make_tree: MakeTree, before: str
) -> None:
    """`git clean -fdx` takes `.ttsopt` away: what was written is undone by the copy, or was nothing yet."""
    after, reached, was_killed = "12", set(), True
    for count in range(0, MOST, 5):
        tree = reach(make_tree, before)
        was_killed = killed(lambda tree=tree: go(tree, before, after), count)  # type: ignore[misc]
        shutil.rmtree(tree.checkout.state, ignore_errors=True)
        recover(tree.checkout)
        reached.add(check_whole(tree, before, after))
        if not was_killed:
            break
    assert not was_killed
    assert reached == {before, after}


def test_a_state_that_git_cleaned_away_is_read_from_the_copy_and_put_back(tree: Tree) -> None:
    go(tree, "", "12")
    before = read_state(tree.checkout)
    shutil.rmtree(tree.checkout.state)
    assert read_state(tree.checkout) == before
    assert not tree.checkout.state.exists()
    recover(tree.checkout)
    assert check_whole(tree, "12") == "12"
    go(tree, "12", "")
    assert check_whole(tree, "") == ""


def test_a_kill_while_the_state_is_put_back_is_recovered(make_tree: MakeTree) -> None:
    was_killed = True
    for count in range(0, MOST, 3):
        tree = reach(make_tree, "12")
        shutil.rmtree(tree.checkout.state)
        was_killed = killed(lambda tree=tree: recover(tree.checkout), count)  # type: ignore[misc]
        recover(tree.checkout)
        assert check_whole(tree, "12") == "12"
        go(tree, "12", "")
        if not was_killed:
            break
    assert not was_killed
    assert count > 5


def test_a_copy_that_cannot_be_written_is_said_and_stops_nothing(tree: Tree) -> None:
    tree.checkout.copy.parent.parent.rmdir()
    tree.checkout.copy.parent.parent.write_text("no folder")
    for before, after in (("", "1"), ("1", "12"), ("12", "")):
        notes = commit(tree.checkout, tree.step(before, after), tree.journal(after))
        assert tree.files() == tree.state(after)
        assert [str(tree.checkout.copy) in note for note in notes] == [True] * bool(after)
        assert read_journal(tree.checkout).journal == tree.journal(after)
    assert not tree.checkout.state.exists()


def test_a_copy_that_lags_behind_is_brought_up_to_date(tree: Tree) -> None:
    go(tree, "", "1")
    old = {path: path.read_bytes() for path in tree.checkout.copy.rglob("*") if path.is_file()}
    go(tree, "1", "12")
    for path, data in old.items():
        path.unlink(missing_ok=True)
        path.write_bytes(data)
    recover(tree.checkout)
    assert check_whole(tree, "12") == "12"


def killed(action: Callable[[], object], count: int) -> bool:
    """Run in a child that is killed just before its `count`-th change of the disk; whether it came to that."""
    return strike_at(action, Kind.KILL_BEFORE, count).end is End.KILLED


def test_states_of_a_file(tree: Tree) -> None:
    record = tree.journal("1").files[0]
    texts = (tree.state("1")["a.py"], tree.state("")["a.py"], b"mine", None)
    states = [state_by_hash(record, sha256(text)) for text in texts]
    assert states == [FileState.APPLIED, FileState.DRIFTED, FileState.EDITED, FileState.MISSING]
