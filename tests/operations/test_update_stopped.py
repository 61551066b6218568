"""An update stopped anywhere: status names it, and it goes on or back, each to exactly one state."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from faults import NEVER, End, Kind, count_calls, die, strike_at
from git_command import git
from struck_world import Tree
from update_world import NEW, OLD, UpdateWorld, write

from ttsopt.checkout.state.location import open_checkout
from ttsopt.checkout.state.state_home import state_home
from ttsopt.checkout.update_record import NAME, read_update
from ttsopt.checkout.upstream.repository import Repository
from ttsopt.errors import RefusedError
from ttsopt.operations.status import status
from ttsopt.operations.update import (
    UpdateRequest,
    abort_update,
    continue_update,
    forget_update,
    update,
)
from ttsopt.operations.updating import steps

NINE = "toy/steps.steps=9"
ALL = ["toy/kept", "toy/rate", "toy/shown", "toy/steps"]
FIT = ["toy/kept", "toy/rate", "toy/steps"]


@dataclass
class Story:
    """A patched clone with a newer version fetched; `before` and `after` an update: commit, files and patches."""

    world: UpdateWorld
    before: tuple[str, Tree, list[str]] = field(init=False)
    after: tuple[str, Tree, list[str]] = field(init=False)

    def begin(self) -> Story:
        self.world.apply(NINE)
        self.world.release()
        git(self.world.top, "fetch", "-q")
        self.before = self.now()
        self.world.save("before")
        self.run()
        self.after = self.now()
        self.world.lay("before")
        return self

    def run(self) -> None:
        update(self.world.top, UpdateRequest(with_fetch=False))

    def go_on(self) -> None:
        continue_update(self.world.top)

    def go_back(self) -> None:
        abort_update(self.world.top)

    def now(self) -> tuple[str, Tree, list[str]]:
        return self.world.head(), self.world.files(), self.world.applied()

    def is_unfinished(self) -> bool:
        return read_update(open_checkout(self.world.top)) is not None

    def check(self, expected: tuple[str, Tree, list[str]]) -> None:
        """Just that state, nothing staged, and rolled back nothing that git finds changed."""
        assert self.now() == expected
        assert not self.is_unfinished()
        assert git(self.world.top, "diff", "--cached", "--name-only") == ""
        assert self.world.clean() == ""


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("update")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("TTSOPT_STATE_HOME", str(folder / "state-home"))
        state_home().mkdir()
        world = UpdateWorld(folder).make()
        patched.setattr("ttsopt.catalog.load.catalogue_folder", lambda: world.catalogue)
        yield Story(world).begin()


@pytest.fixture(autouse=True)
def begun(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TTSOPT_STATE_HOME", str(story.world.folder / "state-home"))
    monkeypatch.setattr("ttsopt.catalog.load.catalogue_folder", lambda: story.world.catalogue)
    story.world.lay("before")


def strike(story: Story, action: Callable[[], None], at: int) -> None:
    outcome = strike_at(action, Kind.KILL_AFTER if at % 2 else Kind.KILL_BEFORE, at)
    assert outcome.end is End.KILLED, outcome


def strike_all(story: Story, step: int, first: int = 0) -> None:
    calls = count_calls(story.run)
    for at in range(first, calls, step):
        for way, expected in ((story.go_on, story.after), (story.go_back, story.before)):
            story.world.lay("before")
            strike(story, story.run, at)
            if not story.is_unfinished():
                assert story.now() in (story.before, story.after)
                continue
            found = status(story.world.top)
            assert found.update is not None
            assert not found.is_whole
            way()
            story.check(expected)


def test_an_update_killed_at_some_points_goes_on_and_back(story: Story) -> None:
    strike_all(story, step=53, first=13)


@pytest.mark.slow
def test_an_update_killed_at_any_point_goes_on_and_back(story: Story) -> None:
    strike_all(story, step=1)


def test_going_on_killed_in_its_turn(story: Story) -> None:
    for at in range(5, 120, 31):
        story.world.lay("before")
        strike(story, story.run, 60)
        assert story.is_unfinished()
        outcome = strike_at(story.go_on, Kind.KILL_AFTER, at)
        if outcome.end is End.KILLED and story.is_unfinished():
            story.go_on()
        story.check(story.after)


@pytest.mark.usefixtures("between")
def test_going_back_killed_in_its_turn(story: Story) -> None:
    for at in range(4, 120, 23):
        stop_after_the_merge(story)
        outcome = strike_at(story.go_back, Kind.KILL_AFTER, at)
        record = read_update(open_checkout(story.world.top))
        if outcome.end is End.KILLED and record:
            if record.is_taken_back:
                with pytest.raises(RefusedError) as caught:
                    story.go_on()
                assert caught.value.code == "taken-back"
                assert "--continue" not in caught.value.hint
            story.go_back()
        story.check(story.before)


def killed(repository: Repository, commit: str) -> str:
    die()
    raise AssertionError


def run_to_the_merge(story: Story) -> None:
    """For a process of its own, which it ends."""
    steps.go_forward = killed  # type: ignore[attr-defined]
    story.run()


def stop_before_the_merge(story: Story) -> None:
    """Patches out, the old commit."""

    story.world.lay("before")
    assert strike_at(lambda: run_to_the_merge(story), Kind.KILL_BEFORE, NEVER).end is End.KILLED
    assert (story.world.head(), story.world.applied()) == (story.before[0], [])


@pytest.fixture(scope="module")
def between(story: Story) -> str:
    """The name of the kept state between rollback and merge."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("TTSOPT_STATE_HOME", str(story.world.folder / "state-home"))
        stop_before_the_merge(story)
        story.world.save("between")
    return "between"


def stop_after_the_merge(story: Story) -> None:
    story.world.lay("between")
    git(story.world.top, "merge", "-q", "--ff-only", story.after[0])


def half_merged(world: UpdateWorld, new: str) -> None:
    """What a git leaves that was killed while it wrote files: some new, one cut off, one deleted."""
    write(world.top, {"toy/core.py": NEW["toy/core.py"], "toy/more/new.py": "new", "README.md": ""})
    (world.top / "toy/old.py").unlink()


def all_but_the_branch(world: UpdateWorld, new: str) -> None:
    """The same, killed before the branch was moved."""
    git(world.top, "update-index", "-q", "--refresh")
    git(world.top, "read-tree", "-m", "-u", "HEAD", new)


def merged(world: UpdateWorld, new: str) -> None:
    git(world.top, "merge", "-q", "--ff-only", new)


def half_back(world: UpdateWorld, new: str) -> None:
    """Killed while it went back."""
    merged(world, new)
    write(world.top, {"toy/core.py": OLD["toy/core.py"], "toy/old.py": "go"})


@pytest.mark.usefixtures("between")
@pytest.mark.parametrize("leave", [half_merged, all_but_the_branch, merged, half_back])
@pytest.mark.parametrize("way", ["on", "back"])
def test_a_git_that_was_killed_is_put_right(
    story: Story, leave: Callable[[UpdateWorld, str], None], way: str
) -> None:
    story.world.lay("between")
    leave(story.world, story.after[0])
    if way == "on":
        story.go_on()
        story.check(story.after)
    else:
        story.go_back()
        story.check(story.before)


@pytest.mark.usefixtures("between")
def test_edits_made_since_are_never_lost(story: Story) -> None:
    story.world.lay("between")
    write(story.world.top, {"README.md": "mine\n"})
    with pytest.raises(RefusedError) as caught:
        story.go_on()
    assert (caught.value.code, "--abort" in caught.value.hint) == ("uncommitted", True)
    merged_with_edit(story)
    with pytest.raises(RefusedError) as caught:
        story.go_back()
    assert caught.value.code == "not-taken-back"
    assert (story.world.top / "README.md").read_text() == "mine\n"
    write(story.world.top, {"README.md": NEW["README.md"]})
    story.go_back()
    story.check(story.before)


def merged_with_edit(story: Story) -> None:
    stop_after_the_merge(story)
    write(story.world.top, {"README.md": "mine\n"})


@pytest.mark.usefixtures("between")
def test_a_checkout_that_has_moved_since(story: Story) -> None:
    story.world.lay("between")
    git(story.world.top, "checkout", "-q", "-b", "other")
    for way in (story.go_on, story.go_back):
        with pytest.raises(RefusedError) as caught:
            way()
        assert caught.value.code == "moved"
        assert f"ttsopt update --forget {story.world.top}" in caught.value.hint
    forget_update(story.world.top)
    assert not story.is_unfinished()
    with pytest.raises(RefusedError) as caught:
        story.go_back()
    assert caught.value.code == "no-update"


@pytest.mark.usefixtures("between")
def test_no_second_update_begins(story: Story) -> None:
    story.world.lay("between")
    with pytest.raises(RefusedError) as caught:
        story.run()
    assert caught.value.code == "update-unfinished"
    assert f"`ttsopt update --continue {story.world.top}` goes on" in caught.value.hint


def no_json(table: dict[str, Any]) -> str:
    return "{"


def deep(table: dict[str, Any]) -> str:
    return "[" * 100_000


def option_for_a_commit(table: dict[str, Any]) -> str:
    return json.dumps({**table, "to": "--upload-pack=touch ran"})


def other_branch(table: dict[str, Any]) -> str:
    return json.dumps({**table, "branch": "--help"})


def setuid(table: dict[str, Any]) -> str:
    return json.dumps({**table, "journal": table["journal"].replace("420", "2541")})


def other_keys(table: dict[str, Any]) -> str:
    return json.dumps({**table, "more": 1})


@pytest.mark.usefixtures("between")
@pytest.mark.parametrize(
    "damage", [no_json, deep, option_for_a_commit, other_branch, setuid, other_keys]
)
def test_a_record_that_ttsopt_did_not_write_is_refused(
    story: Story, damage: Callable[[dict[str, Any]], str]
) -> None:
    story.world.lay("between")
    record = open_checkout(story.world.top).copy / NAME
    record.write_text(damage(json.loads(record.read_text())))
    before = story.world.files()
    for way in (story.go_on, story.go_back, story.run):
        with pytest.raises(RefusedError) as caught:
            way()
        assert caught.value.code == "damaged-update"
        assert str(record) in caught.value.hint
    assert story.world.files() == before


def test_an_own_patch_file_comes_back_as_it_was(story: Story, tmp_path: Path) -> None:
    from ttsopt.operations.apply import apply
    from ttsopt.operations.locate import Target
    from ttsopt.operations.plan.selection import Selection
    from ttsopt.operations.planning import PlanRequest

    own = tmp_path / "mine.patch"
    own.write_text("--- a/README.md\n+++ b/README.md\n@@ -1 +1,2 @@\n toy\n+patched\n")
    apply(PlanRequest(Target(story.world.top), Selection(files=(own,))))
    before = story.now()
    own.unlink()
    outcome = strike_at(lambda: run_to_the_merge(story), Kind.KILL_BEFORE, NEVER)
    assert (outcome.end, story.world.applied()) == (End.KILLED, [])
    story.go_back()
    assert story.now() == before
    assert "file/mine" in story.world.applied()
