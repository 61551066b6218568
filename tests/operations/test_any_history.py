"""Any history of a checkout: patches, edits, pulls, kills. No byte of the user's is lost, and the way back works.

The tree is modelled as text: a version of upstream's, the user's own lines, and the patches that are in it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from examples import examples
from faults import Kind, strike_at
from git_command import git
from hypothesis import assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from ttsopt.checkout.state.location import open_checkout
from ttsopt.domain.plan import Status
from ttsopt.operations.apply import apply
from ttsopt.operations.locate import Target
from ttsopt.operations.plan.selection import Selection
from ttsopt.operations.planning import PlanRequest
from ttsopt.operations.recovery import settled
from ttsopt.operations.rollback import rollback
from ttsopt.operations.status import status

Toys = Any  # conftest.py of this folder
Own = dict[int, int]  # the user's own lines: what stands behind which slot

CORE, EXTRA, CONFIG = "toy/core.py", "toy/extra.py", "conf.yaml"
SLOTS = 3
# Version 3 writes other lines around what `steps` changes: no merge can tell the two apart.
STEPS_LINE = {1: "STEPS = 32\n", 2: "STEPS = 32\n", 3: "RATE = 24000\nSTEPS = 32\nHOP = 256\n"}
FILES_OF = {"steps": (CORE,), "calls": (CORE,), "shown": (EXTRA,), "half": (CONFIG,)}
HALF = """
[[files]]
paths = ["conf.yaml"]
[[files.edits]]
set_yaml = "model.is_half"
old = ["false"]
new = "true"
"""


def slots(own: Own, comment: str = "#") -> list[str]:
    """Places, each amid lines of upstream's, where the user writes lines of their own."""
    return [
        f"{comment} a {slot}\n{comment} b\n"
        + (f"{comment} mine {own[slot]}\n" if slot in own else "")
        + f"{comment} c\n{comment} d\n"
        for slot in range(SLOTS)
    ]


def text_of(path: str, version: int, own: Own, patches: set[str]) -> str:
    first, second, third = slots(own)
    head = f"# version {version}\n\n"
    if path == EXTRA:
        value = 7 if "shown" in patches else 32
        body = f"def show(steps={value}):\n    return steps\n"
        return f"{head}{first}\n\n{body}\n\n{second}{third}"
    if path == CONFIG:
        half = "true" if "half" in patches else "false"
        return f"{head}{first}model:\n  name: toy\n  is_half: {half}  # of no use on a CPU\n{second}{third}"
    imports = "import os\nimport sys\n" if {"steps", "calls"} & patches else "import sys\n"
    steps = STEPS_LINE[version].replace("32", "7") if "steps" in patches else STEPS_LINE[version]
    call = "fast({}, os.cpu_count())" if "calls" in patches else "slow({})"
    speak = f"        return {call.format('text')} + {call.format('steps')}\n"
    body = f"class Toy:\n    def speak(self, text, steps=STEPS):\n{speak}"
    return f"{head}{imports}\n{first}\n{steps}\n{second}\n\n{body}\n\n{third}"


class AnyHistory(RuleBasedStateMachine):
    """`held` are the patches that are in a file, `base` its version and the user's lines when it was patched."""

    make: Callable[[Path], Toys]

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.toys = type(self).make(Path(self.folder.name))
        self.root = self.toys.checkout
        self.version, self.count, self.rewritten = 1, 0, False
        self.own: dict[str, Own] = {path: {} for path in (CORE, EXTRA, CONFIG)}
        self.held: dict[str, set[str]] = {path: set() for path in self.own}
        self.base: dict[str, tuple[int, Own]] = {}

    # What ttsopt does

    @rule(names=st.sets(st.sampled_from(sorted(FILES_OF)), min_size=1))
    def apply(self, names: set[str]) -> None:
        done = apply(self.request(names))
        edited = {
            name
            for name in names - self.in_tree()
            for path in FILES_OF[name]
            if self.is_edited(path)
        }
        assert bool(done.refusal) == bool(edited)
        assert {row.why for row in done.planned.plan.having(Status.REFUSED)} <= {"changed-since"}
        if not done.refusal:
            self.take(names)

    @rule(data=st.data())
    def roll_some_back(self, data: st.DataObject) -> None:
        held = sorted(self.in_tree())
        assume(held)
        names = data.draw(st.sets(st.sampled_from(held), min_size=1))
        done = rollback(self.root, [f"toy/{name}" for name in sorted(names)])
        assert done.refusal is None
        self.take_out(names)

    @rule()
    def roll_all_back(self) -> None:
        done = rollback(self.root)
        assert done.refusal is None
        self.take_out(set(FILES_OF))
        assert not (self.root / ".ttsopt").exists()

    @rule(names=st.sets(st.sampled_from(sorted(FILES_OF)), min_size=1), at=st.integers(0, 150))
    def apply_and_be_killed(self, names: set[str], at: int) -> None:
        strike_at(lambda: apply(self.request(names)), Kind.KILL_BEFORE, at)
        self.settle(lambda: self.take(names))

    @rule(at=st.integers(0, 150))
    def roll_back_and_be_killed(self, at: int) -> None:
        strike_at(lambda: rollback(self.root), Kind.KILL_BEFORE, at)
        self.settle(lambda: self.take_out(set(FILES_OF)))

    # What the user does

    @rule(path=st.sampled_from([CORE, EXTRA, CONFIG]), slot=st.integers(0, SLOTS - 1))
    def write_a_line(self, path: str, slot: int) -> None:
        assume(not (path == CONFIG and self.rewritten))
        self.count += 1
        self.own[path][slot] = self.count
        self.lay_out(path)

    @rule(path=st.sampled_from([CORE, EXTRA, CONFIG]))
    def check_a_file_out(self, path: str) -> None:
        git(self.root, "checkout", "--quiet", "HEAD", "--", path)
        self.forget(path)

    @rule(version=st.integers(1, 3))
    def reset_to_a_version(self, version: int) -> None:
        git(self.root, "reset", "--quiet", "--hard", f"v{version}")
        self.version = version
        for path in self.own:
            self.forget(path)

    @rule(version=st.integers(1, 2))
    def stash_and_pull_and_pop(self, version: int) -> None:
        """As far as the files are concerned."""
        assume(self.version != 3 and not self.rewritten)
        git(self.root, "reset", "--quiet", "--soft", f"v{version}")
        self.version = version
        for path in self.own:
            self.lay_out(path)

    @rule()
    def upstream_writes_its_config_anew(self) -> None:
        assume("half" in self.held[CONFIG])
        values = yaml.safe_load(self.read(CONFIG))
        (self.root / CONFIG).write_text(yaml.dump(values, sort_keys=True), encoding="utf-8")
        self.rewritten, self.own[CONFIG] = True, {}

    # What holds after every step

    @invariant()
    def every_byte_is_accounted_for(self) -> None:
        assert self.texts() == self.expected()

    @invariant()
    def status_knows_what_is_there(self) -> None:
        stands = {path: state.value for path, state in status(self.root).files}
        for path, held in self.held.items():
            if held:
                assert stands[path] == ("edited" if self.is_edited(path) else "applied")
            else:
                assert stands.get(path, "drifted") in {"drifted", "upstreamed"}

    def teardown(self) -> None:
        self.roll_all_back()
        assert self.texts() == self.expected()
        left = {path.name for path in self.root.iterdir()}
        assert left == {".git", "toy", "conf.yaml"}
        self.folder.cleanup()

    # The model

    def in_tree(self) -> set[str]:
        return {name for names in self.held.values() for name in names}

    def is_edited(self, path: str) -> bool:
        if path == CONFIG and self.rewritten:
            return False
        now = self.version, self.own[path]
        return bool(self.held[path]) and self.base[path] != now and path != CONFIG

    def take(self, names: set[str]) -> None:
        for name in names:
            for path in FILES_OF[name]:
                if not self.held[path]:
                    self.base[path] = self.version, dict(self.own[path])
                self.held[path].add(name)

    def take_out(self, names: set[str]) -> None:
        for held in self.held.values():
            held.difference_update(names)

    def forget(self, path: str) -> None:
        self.own[path] = {}
        self.held[path] = set()
        if path == CONFIG:
            self.rewritten = False

    def settle(self, went_through: Callable[[], None]) -> None:
        """After a kill: the tree is as before, or as after; which of the two is for ttsopt to say."""
        with settled(open_checkout(self.root)):
            pass
        if self.texts() != self.expected():
            went_through()

    def expected(self) -> dict[str, object]:
        return {
            path: text_of(path, self.version, own, self.held[path])
            if path != CONFIG or not self.rewritten
            else {"model": {"is_half": "half" in self.held[path], "name": "toy"}}
            for path, own in self.own.items()
        }

    def texts(self) -> dict[str, object]:
        return {
            path: yaml.safe_load(self.read(path))
            if path == CONFIG and self.rewritten
            else self.read(path)
            for path in self.own
        }

    def lay_out(self, path: str) -> None:
        text = text_of(path, self.version, self.own[path], self.held[path])
        (self.root / path).write_bytes(text.encode())

    def read(self, path: str) -> str:
        return str((self.root / path).read_bytes(), "utf-8")

    def request(self, names: set[str]) -> PlanRequest:
        return PlanRequest(
            Target(self.root), Selection(tuple(f"toy/{name}" for name in sorted(names)))
        )


def steps(histories: int, length: int) -> settings:
    return settings(examples(histories), stateful_step_count=length)


@pytest.fixture
def machine(new_toys: Callable[[Path], Toys]) -> type[AnyHistory]:
    def make(top: Path) -> Toys:
        os.environ["TTSOPT_STATE_HOME"] = str(top / "state-home")
        toys = new_toys(top)
        toys.patch("half", HALF)
        git(toys.checkout, "init", "--quiet")
        for version in STEPS_LINE:
            for path in (CORE, EXTRA, CONFIG):
                (toys.checkout / path).write_bytes(text_of(path, version, {}, set()).encode())
            git(toys.checkout, "add", ".")
            git(toys.checkout, "commit", "--quiet", "-m", f"v{version}")
            git(toys.checkout, "tag", f"v{version}")
        git(toys.checkout, "reset", "--quiet", "--hard", "v1")
        return toys

    return type("Machine", (AnyHistory,), {"make": staticmethod(make)})


def test_any_history_loses_nothing(machine: type[AnyHistory]) -> None:
    run_state_machine_as_test(machine, settings=steps(15, 12))


@pytest.mark.slow
def test_many_histories_lose_nothing(machine: type[AnyHistory]) -> None:
    run_state_machine_as_test(machine, settings=steps(100, 30))
