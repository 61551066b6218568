"""The steps that are struck, and the states that they begin from and lead to."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from disk_calls import Call
from faults import NEVER, End, Outcome, Strike, count_calls, die, strike_at
from struck_world import (
    Tree,
    World,
    again_one_back,
    all_back,
    applied,
    apply_all,
    one_back,
    upgrade,
)

from ttsopt.checkout.state.state_home import VARIABLE, state_home

# Where there is one: thousands of strikes need not wait for a disk.
MEMORY = "/dev/shm"


@dataclass(frozen=True)
class Story:
    """A step from a kept state. `again` is the command given anew; `through` names the states that files may show.

    `recovers`: the step begins with the recovery of one that was killed, so an error in it may leave that one as
    it was.
    """

    name: str
    start: str
    action: Callable[[World], None]
    again: Callable[[World], None]
    through: tuple[str, ...]
    recovers: bool = False

    @property
    def end(self) -> str:
        return self.through[-1]


STORIES = (
    Story("apply", "none", apply_all, apply_all, ("none", "all")),
    Story("upgrade", "all", upgrade, upgrade, ("all", "upgraded")),
    Story("one back", "all", one_back, again_one_back, ("all", "one")),
    Story("all back", "all", all_back, all_back, ("all", "none")),
    Story("recovery of apply", "half applied", all_back, all_back, ("all", "none"), recovers=True),
    Story(
        "recovery of upgrade", "half upgraded", upgrade, upgrade, ("all", "upgraded"), recovers=True
    ),
    Story(
        "recovery of rollback",
        "half back",
        again_one_back,
        again_one_back,
        ("none", "all", "one"),
        recovers=True,
    ),
)


@dataclass(frozen=True)
class _HalfWay:
    """Kills a step once three files are not what they were."""

    world: World
    before: Tree

    def meet(self, call: Call, since: int) -> Any:
        there = self.world.tree()
        if sum(there.get(path) != row for path, row in self.before.items()) >= 3:
            die()
        return call.go()


@dataclass
class Stage:
    """A world with every state kept that stories start from, and the trees and patches that they lead to."""

    world: World
    trees: dict[str, Tree] = field(default_factory=dict)
    patches: dict[str, list[tuple[str, int]]] = field(default_factory=dict)

    @classmethod
    @contextmanager
    def opened(cls) -> Iterator[Stage]:
        """Everything laid out in a new folder; its catalogue is the one that ttsopt reads meanwhile."""
        with (
            TemporaryDirectory(dir=MEMORY if os.access(MEMORY, os.W_OK) else None) as folder,
            pytest.MonkeyPatch.context() as patched,
        ):
            world = World(Path(folder).resolve()).make()
            patched.setattr("ttsopt.catalog.load.catalogue_folder", lambda: world.catalogue)
            stage = cls(world)
            stage.enter(patched)
            stage._reach_all()
            yield stage

    def enter(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Have the user's state lie in this stage's folder."""
        monkeypatch.setenv(VARIABLE, str(self.world.folder / "state-home"))
        state_home().mkdir(exist_ok=True)

    def calls(self, story: Story) -> int:
        """How many calls a step makes that change the disk."""
        self._lay(story.start)
        return count_calls(lambda: story.action(self.world))

    def strike(self, story: Story, strike: Strike, at: int) -> Outcome:
        """Strike a step at its `at`-th call."""
        self._lay(story.start)
        return strike_at(lambda: story.action(self.world), strike, at)

    def _lay(self, name: str) -> None:
        self.world.now = "first"
        self.world.lay(name)

    def _reach_all(self) -> None:
        self._keep("none")
        for name, start, action in (
            ("all", "none", apply_all),
            ("upgraded", "all", upgrade),
            ("one", "all", one_back),
        ):
            self._lay(start)
            action(self.world)
            self._keep(name)
        for name, start, action in (
            ("half applied", "none", apply_all),
            ("half upgraded", "all", upgrade),
            ("half back", "all", all_back),
        ):
            self._reach_half(name, start, action)

    def _reach_half(self, name: str, start: str, action: Callable[[World], None]) -> None:
        self._lay(start)
        half_way = _HalfWay(self.world, self.trees[start])
        outcome = strike_at(lambda: action(self.world), half_way, NEVER)
        assert outcome.end is End.KILLED, outcome
        self.world.save(name)

    def _keep(self, name: str) -> None:
        self.world.save(name)
        self.trees[name] = self.world.tree()
        self.patches[name] = applied(self.world)
