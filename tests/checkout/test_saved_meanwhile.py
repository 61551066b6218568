"""An editor saves a file while a step is written: the edit is in the file afterwards, or kept and named."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from disk_swaps import Intruder
from faults import NEVER, End, Kind, strike_at
from saves import MARK, Save, check_not_lost
from strike_checks import is_temporary
from strike_stories import STORIES, Stage, Story

from ttsopt.checkout.fs import exchange
from ttsopt.checkout.fs.files import sha256
from ttsopt.checkout.state.journal import read_journal
from ttsopt.checkout.transaction import commit, recover
from ttsopt.errors import RefusedError

Tree = Any  # conftest.py of this folder
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="strikes fork a child")
REFUSED = 3
SAVED = ("toy/core.py", "new/deep/helper.sh", "lib/old.txt")
QUICK = 89
FILES = ("a.py", "sub/b.py", "old/c.bin", "new/deep/helper.py")
STEPS = [("", "12"), ("1", "12"), ("12", "1"), ("12", "")]
QUICK_CALLS = 101
each_story = pytest.mark.parametrize("story", STORIES, ids=lambda story: str(story.name))
each_step = pytest.mark.parametrize(("before", "after"), STEPS)


@pytest.fixture(scope="module")
def opened() -> Iterator[Stage]:
    with Stage.opened() as stage:
        yield stage


@pytest.fixture
def stage(opened: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    opened.enter(monkeypatch)
    return opened


@each_story
def test_a_save_before_some_writing_calls_of_every_command(stage: Stage, story: Story) -> None:
    points = list(product(range(stage.calls(story)), SAVED, (False, True)))
    for at, path, by_rename in points[STORIES.index(story) :: QUICK]:
        save_and_check(stage, story, path, by_rename, at)


@pytest.mark.slow
@each_story
def test_a_save_before_every_writing_call_of_every_command(stage: Stage, story: Story) -> None:
    for at, path, by_rename in product(range(stage.calls(story)), SAVED, (False, True)):
        save_and_check(stage, story, path, by_rename, at)


def save_and_check(stage: Stage, story: Story, path: str, by_rename: bool, at: int) -> None:
    file = stage.world.top / path
    outcome = stage.strike(story, Save(file, by_rename), at)
    try:
        assert outcome.end in {End.DONE, End.FAILED}, outcome.text
        assert outcome.end is End.DONE or outcome.exit_code == REFUSED, outcome.text
        check_not_lost(file, stage.world.folder / "state-home", outcome.text)
        there = stage.world.tree()
        assert not [name for name in there if is_temporary(name)]
        states = [stage.trees[name] for name in story.through]
        for name in {*files_of(states)} - {path}:
            assert there.get(name) in [tree.get(name) for tree in states], name
    except BaseException as error:
        error.add_note(f"{story.name}: {path} saved, by rename: {by_rename}, before call {at}")
        raise


def files_of(states: list[dict[str, tuple[int, bytes]]]) -> Iterator[str]:
    return (path for tree in states for path, (_, data) in tree.items() if data)


def go(tree: Tree, before: str, after: str) -> None:
    commit(tree.checkout, tree.step(before, after), tree.journal(after))


@each_step
def test_a_save_before_some_calls_that_read_or_write(
    make_tree: Callable[[], Tree], monkeypatch: pytest.MonkeyPatch, before: str, after: str
) -> None:
    save_at_calls(make_tree, monkeypatch, before, after, QUICK_CALLS)


@pytest.mark.slow
@each_step
def test_a_save_before_every_call_that_reads_or_writes(
    make_tree: Callable[[], Tree], monkeypatch: pytest.MonkeyPatch, before: str, after: str
) -> None:
    save_at_calls(make_tree, monkeypatch, before, after, 1)


def save_at_calls(
    make_tree: Callable[[], Tree],
    monkeypatch: pytest.MonkeyPatch,
    before: str,
    after: str,
    every: int,
) -> None:
    calls = save_at_call(make_tree(), monkeypatch, (before, after), (FILES[0], False), NEVER)
    assert calls > 100
    points = list(product(range(calls), FILES, (False, True)))
    for at, path, by_rename in points[::every]:
        save_at_call(make_tree(), monkeypatch, (before, after), (path, by_rename), at)


def save_at_call(
    tree: Tree,
    monkeypatch: pytest.MonkeyPatch,
    step: tuple[str, str],
    save: tuple[str, bool],
    at: int,
) -> int:
    """Gives how many calls the step makes."""
    before, after = step
    file = tree.checkout.top / save[0]
    if before:
        go(tree, "", before)
    intruder, said = Intruder(Save(file, save[1]).save, at), ""
    with monkeypatch.context() as patch:
        intruder.enter(patch)
        try:
            go(tree, before, after)
        except RefusedError as error:
            assert error.code == "changed-meanwhile"  # noqa: PT017
            said = error.message
    if at < intruder.calls:
        check_not_lost(file, tree.checkout.copy, said)
        assert not [name for name in tree.files() if is_temporary(name)]
        assert not read_journal(tree.checkout).pending
    return intruder.calls


@pytest.mark.parametrize("by_rename", [False, True])
@each_step
def test_a_save_right_before_the_rename_undoes_the_step(
    make_tree: Callable[[], Tree],
    monkeypatch: pytest.MonkeyPatch,
    before: str,
    after: str,
    by_rename: bool,
) -> None:
    tree = make_tree()
    if before:
        go(tree, "", before)
    file = tree.checkout.top / "sub/b.py"
    real, saves = exchange.rename_with, [Save(file, by_rename)]

    def saved_before(handle: int, name: str, new: str, flags: int) -> None:
        if new == "b.py" and saves:
            saves.pop().save()
        real(handle, name, new, flags)

    monkeypatch.setattr(exchange, "rename_with", saved_before)
    with pytest.raises(RefusedError) as caught:
        go(tree, before, after)
    assert caught.value.code == "changed-meanwhile"
    assert tree.files() == {
        **tree.state(before),
        "sub/b.py": tree.state(before)["sub/b.py"] + MARK,
    }
    assert read_journal(tree.checkout).journal == tree.journal(before)


@pytest.mark.parametrize(("path", "by_rename"), [("a.py", False), ("old/c.bin", True)])
def test_an_edit_that_a_killed_step_had_displaced_is_back_in_its_file(
    make_tree: Callable[[], Tree], path: str, by_rename: bool
) -> None:
    """Saved between the last check and the rename; killed before what that displaced was looked at."""
    found = 0
    for at in range(300):
        tree = make_tree()
        file = tree.checkout.top / path
        saves = SaveThenKill(Save(file, by_rename))
        outcome = strike_at(lambda tree=tree: go(tree, "", "12"), saves, at)  # type: ignore[misc]
        if outcome.end is not End.KILLED:
            break
        found += bool(
            [name for name, data in tree.files().items() if is_temporary(name) and MARK in data]
        )
        told: list[str] = []
        recover(tree.checkout, told.append)
        assert MARK in file.read_bytes(), at
        assert not [name for name in tree.files() if is_temporary(name)]
    assert found == 1


class SaveThenKill:
    """Saves a file before a call that changes the disk, and kills before the next one."""

    def __init__(self, save: Save) -> None:
        self.save = save

    def meet(self, call: Any, since: int) -> Any:
        if since == 1:
            return Kind.KILL_BEFORE.meet(call, 0)
        return self.save.meet(call, since)


def test_an_edit_beside_a_file_that_was_saved_again_is_kept_and_named(tree: Tree) -> None:
    left_displaced(tree)
    (tree.checkout.top / "a.py").write_bytes(b"newer\n")
    with pytest.raises(RefusedError) as caught:
        recover(tree.checkout)
    assert caught.value.code == "changed-meanwhile"
    check_not_lost(tree.checkout.top / "a.py", tree.checkout.copy, caught.value.message)
    assert tree.files() == {**tree.state(""), "a.py": b"newer\n"}
    assert recover(tree.checkout) == ()


def test_a_displaced_link_goes_back_as_a_link(tree: Tree) -> None:
    left_displaced(tree)
    (leftover,) = tree.checkout.top.glob(".a.py.*.ttsopt")
    leftover.unlink()
    leftover.symlink_to("sub/b.py")
    recover(tree.checkout)
    assert (tree.checkout.top / "a.py").readlink() == Path("sub/b.py")


def left_displaced(tree: Tree) -> None:
    """Leave a tree as a step that was killed right after it displaced an edit of a.py."""
    saves = SaveThenKill(Save(tree.checkout.top / "a.py", by_rename=False))
    for at in range(300):
        strike_at(lambda: go(tree, "", "1"), saves, at)
        names = [name for name, data in tree.files().items() if MARK in data]
        if names and all(map(is_temporary, names)):
            assert sha256(tree.files()["a.py"]) == tree.journal("1").files[0].written_sha256
            return
        recover(tree.checkout)
        (tree.checkout.top / "a.py").write_bytes(tree.state("")["a.py"])
    pytest.fail("no edit was displaced")
