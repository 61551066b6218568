from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable
from typing import Protocol

import pytest

from ttsopt.checkout import transaction
from ttsopt.checkout.drift import FileState, file_state
from ttsopt.checkout.files import replace_file
from ttsopt.checkout.journal import read_journal
from ttsopt.checkout.location import Checkout
from ttsopt.checkout.transaction import commit, recover
from ttsopt.domain.journal import Journal
from ttsopt.domain.plan import FileChange
from ttsopt.errors import CannotRunError, RefusedError

STEPS = [("", "1"), ("1", "12"), ("12", "2"), ("12", ""), ("1", "")]


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
    written: list[str] = []

    def fails_at_the_second(path: os.PathLike[str], data: bytes, mode: int | None = None) -> None:
        written.append(os.fspath(path))
        if len(written) == 2:
            raise CannotRunError("unwritable", "the disk is full")
        replace_file(tree.checkout.top / path, data, mode)

    monkeypatch.setattr(transaction, "replace_file", fails_at_the_second)
    with pytest.raises(CannotRunError, match="disk is full"):
        go(tree, before, after)
    monkeypatch.undo()
    assert len(written) == 3
    assert check_whole(tree, before) == before


def test_a_folder_that_cannot_be_written_changes_nothing(tree: Tree) -> None:
    blocked = tree.checkout.top / "sub" / "__pycache__" / "b.x.pyc"
    blocked.mkdir(parents=True)
    with pytest.raises(CannotRunError):
        go(tree, "", "1")
    assert check_whole(tree, "") == ""


def test_an_interruption_puts_everything_back(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(path: os.PathLike[str], data: bytes, mode: int | None = None) -> None:
        monkeypatch.undo()
        replace_file(tree.checkout.top / path, data, mode)
        raise KeyboardInterrupt

    monkeypatch.setattr(transaction, "replace_file", interrupted)
    with pytest.raises(KeyboardInterrupt):
        go(tree, "", "1")
    assert check_whole(tree, "") == ""


def test_a_file_edited_after_the_kill_is_left_alone_and_its_original_kept(tree: Tree) -> None:
    for count in range(200):
        if not killed(lambda: go(tree, "", "1"), count):
            pytest.fail("never killed between two files")
        if tree.files()["a.py"] == tree.state("1")["a.py"]:
            break
        recover(tree.checkout)
    (tree.checkout.top / "a.py").write_bytes(b"mine\n")
    with pytest.raises(RefusedError, match=r"a\.py was edited"):
        recover(tree.checkout)
    with pytest.raises(RefusedError, match=r"a\.py was edited") as refusal:
        recover(tree.checkout)
    assert tree.files() == {**tree.state(""), "a.py": b"mine\n"}
    (stored,) = (
        path
        for path in (tree.checkout.state / "originals").iterdir()
        if str(path) in refusal.value.hint
    )
    (tree.checkout.top / "a.py").write_bytes(stored.read_bytes())
    assert recover(tree.checkout) == ()
    assert tree.files() == tree.state("")
    assert not tree.checkout.state.exists()


@pytest.mark.parametrize(("before", "after"), STEPS)
def test_a_kill_at_any_point_is_recovered(make_tree: MakeTree, before: str, after: str) -> None:
    reached = set()
    for count in range(200):
        tree = reach(make_tree, before)
        was_killed = killed(lambda tree=tree: go(tree, before, after), count)  # type: ignore[misc]
        recover(tree.checkout)
        state = check_whole(tree, before, after)
        reached.add(state)
        go(tree, state, "12")
        go(tree, "12", "")
        assert check_whole(tree, "") == ""
        if not was_killed:
            break
    assert count > 15
    assert reached == {before, after}


def test_a_kill_while_recovering_is_recovered(make_tree: MakeTree) -> None:
    between = next(n for n in range(200) if one_file_is_written(reach(make_tree, "1"), n))
    assert between
    for count in range(200):
        tree = reach(make_tree, "1")
        assert one_file_is_written(tree, between)
        was_killed = killed(lambda tree=tree: recover(tree.checkout), count)  # type: ignore[misc]
        recover(tree.checkout)
        assert check_whole(tree, "1") == "1"
        if not was_killed:
            break
    assert count > 3


def one_file_is_written(tree: Tree, count: int) -> bool:
    """Kills a step at that operation; whether it was between the two files."""
    assert killed(lambda: go(tree, "1", "12"), count)
    return tree.files()["a.py"] == tree.state("12")["a.py"]


def killed(action: Callable[[], object], count: int) -> bool:
    """Run in a child that dies just before its `count`-th change of the disk; whether it came to that."""
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", DeprecationWarning
        )  # threads of pytest-xdist; the child uses none
        child = os.fork()
    if child == 0:
        try:
            sys.addaudithook(dies_at(count))
            action()
            os._exit(0)
        finally:
            os._exit(3)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in {0, 9}
    return code == 9


def dies_at(count: int) -> Callable[[str, tuple[object, ...]], None]:
    left = [count]

    def hook(name: str, arguments: tuple[object, ...]) -> None:
        writes = (
            name == "open"
            and isinstance(arguments[2], int)
            and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        )
        if writes or name in {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.chmod"}:
            if not left[0]:
                os._exit(9)
            left[0] -= 1

    return hook


def test_states_of_a_file(tree: Tree) -> None:
    go(tree, "", "1")
    record = tree.journal("1").files[0]
    path = tree.checkout.top / "a.py"
    states = []
    for data in (tree.state("1")["a.py"], tree.state("")["a.py"], b"mine"):
        path.write_bytes(data)
        states.append(file_state(tree.checkout, record))
    path.unlink()
    states.append(file_state(tree.checkout, record))
    assert states == [FileState.APPLIED, FileState.DRIFTED, FileState.EDITED, FileState.MISSING]
