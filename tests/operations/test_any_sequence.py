"""Any sequence of applying and rolling back: a tree is its original and the patches that are applied."""

from __future__ import annotations

import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from examples import examples
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from ttsopt.checkout.state.journal import read_journal
from ttsopt.checkout.state.location import open_checkout
from ttsopt.domain.plan import Status
from ttsopt.editing.unified.write import unified_diff
from ttsopt.operations.apply import apply
from ttsopt.operations.locate import Target
from ttsopt.operations.plan.composition import compose_file
from ttsopt.operations.plan.selection import Selection
from ttsopt.operations.planning import PlanRequest
from ttsopt.operations.rollback import rollback
from ttsopt.operations.status import status

Toys = Any  # conftest.py of this folder
Tree = dict[str, tuple[int, bytes | None]]  # mode bits, and bytes where it is a file

HELPER = "def kept(function):\n    return function\n"
KEPT = """
[[files]]
paths = ["toy/{file}.py"]
[[files.edits]]
in = "{scope}"
decorate = "kept"
[[files.edits]]
add_file = "toy_kept.py"
import = ["kept"]
"""
OTHER_STEPS = """
[[files]]
paths = ["toy/core.py"]
[[files.edits]]
set_const = "STEPS"
old = ["32"]
new = "9"
"""
SPEAKER = b"class Speaker:\n    pass\n"
OWN = {
    "new-one": unified_diff("deep/er/one.py", None, SPEAKER),
    "new-two": unified_diff("deep/er/two.py", None, SPEAKER, 0o755),
    "new-beside": unified_diff("deep/beside.py", None, b"x = 1\n"),
    "gone": unified_diff("run.sh", b"#!/bin/sh\necho\n", None, 0o755),
    "words": unified_diff("notes.txt", b"one\r\ntwo\r\n", b"one\r\nmore\r\ntwo\r\n"),
    "show": unified_diff(
        "toy/extra.py",
        b"def show(steps=32):\n    return steps\n",
        b"def show(steps=32):\n    steps += 1\n    return steps\n",
    ),
}
NAMES = ("steps", "calls", "shown", "other-steps", "kept-speech", "kept-show")
VERSIONS: dict[str, tuple[str, str]] = {
    "kept-show": (
        KEPT.format(file="extra", scope="show"),
        KEPT.format(file="extra", scope="show").partition("[[files.edits]]\nadd_file")[0],
    )
}


def tree_of(root: Path) -> Tree:
    """All files and folders but ttsopt's own, with their modes."""
    return {
        path.relative_to(root).as_posix(): (
            stat.S_IMODE(path.stat().st_mode),
            path.read_bytes() if path.is_file() else None,
        )
        for path in sorted(root.rglob("*"))
        if ".ttsopt" not in path.relative_to(root).parts
    }


class AnySequence(RuleBasedStateMachine):
    """The checkout against what the journal says of it, after every step."""

    make: Callable[[Path], Toys]

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        top = Path(self.folder.name)
        self.toys = type(self).make(top)
        for name, diff in OWN.items():
            (top / f"{name}.patch").write_bytes(diff)
        self.first = tree_of(self.toys.checkout)
        self.edited = 0

    @rule(
        names=st.sets(st.sampled_from(NAMES), max_size=2),
        own=st.sets(st.sampled_from(sorted(OWN)), max_size=2),
    )
    def apply(self, names: set[str], own: set[str]) -> None:
        files = tuple(Path(self.folder.name) / f"{name}.patch" for name in sorted(own))
        choice = Selection(tuple(f"toy/{name}" for name in sorted(names)), files=files)
        before = tree_of(self.toys.checkout)
        done = apply(PlanRequest(Target(self.toys.checkout), choice))
        planned = done.planned
        if done.refusal:
            assert tree_of(self.toys.checkout) == before
            return
        taken = {row.patch.id for row in planned.plan.having(Status.APPLIED)}
        assert taken <= self.applied()
        again = apply(PlanRequest(Target(self.toys.checkout), choice))
        assert not again.refusal
        assert not again.planned.plan.changes

    @rule(value=st.integers(1, 64))
    def set_a_parameter(self, value: int) -> None:
        request = self.toys.request("steps", settings=(f"toy/steps.steps={value}",))
        if not apply(request).refusal:
            assert f"STEPS = {value}\n" in self.toys.core.read_text(encoding="utf-8")

    @rule(data=st.data())
    def roll_some_back(self, data: st.DataObject) -> None:
        applied = sorted(self.applied())
        if applied:
            chosen = data.draw(st.sets(st.sampled_from(applied), min_size=1))
            done = rollback(self.toys.checkout, sorted(chosen))
            assert done.refusal is None
            assert self.applied() == set(applied) - chosen

    @rule()
    def roll_all_back(self) -> None:
        assert rollback(self.toys.checkout).refusal is None
        assert tree_of(self.toys.checkout) == self.first
        assert not self.toys.state.exists()

    @rule()
    def edit_a_file_of_no_patch(self) -> None:
        self.edited += 1
        path = self.toys.checkout / "mine.txt"
        path.write_bytes(b"%d\n" % self.edited)
        self.first["mine.txt"] = (stat.S_IMODE(path.stat().st_mode), path.read_bytes())

    @rule(name=st.sampled_from(sorted(VERSIONS)), version=st.integers(1, 2))
    def change_the_catalogue(self, name: str, version: int) -> None:
        self.toys.patch(name, VERSIONS[name][version - 1], version=version)

    @invariant()
    def every_file_is_its_original_with_the_patches(self) -> None:
        journal = read_journal(open_checkout(self.toys.checkout)).journal
        now = {path: row for path, row in tree_of(self.toys.checkout).items() if row[1] is not None}
        expected = {path: row for path, row in self.first.items() if row[1] is not None}
        for path in {path for row in journal.patches for path in row.splices}:
            original = self.first.get(path, (0, None))
            after = compose_file(path, original[1], journal.patches)
            modes = [row.created[path] for row in journal.patches if path in row.created]
            if after is None:
                expected.pop(path, None)
            else:
                expected[path] = (modes[0] if modes else original[0], after)
        assert now == expected
        assert {state.value for _, state in status(self.toys.checkout).files} <= {"applied"}

    def applied(self) -> set[str]:
        journal = read_journal(open_checkout(self.toys.checkout)).journal
        return {row.id for row in journal.patches}

    def teardown(self) -> None:
        self.roll_all_back()
        self.folder.cleanup()


def steps(sequences: int, length: int) -> settings:
    return settings(examples(sequences), stateful_step_count=length)


@pytest.fixture
def machine(new_toys: Callable[[Path], Toys]) -> type[AnySequence]:
    def make(top: Path) -> Toys:
        toys = new_toys(top)
        (toys.catalogue / "_helpers").mkdir()
        (toys.catalogue / "_helpers" / "toy_kept.py").write_text(HELPER, encoding="utf-8")
        toys.patch("other-steps", OTHER_STEPS)
        toys.patch("kept-speech", KEPT.format(file="core", scope="Toy.speak"))
        toys.patch("kept-show", VERSIONS["kept-show"][0])
        run = toys.checkout / "run.sh"
        run.write_bytes(b"#!/bin/sh\necho\n")
        run.chmod(0o755)
        (toys.checkout / "notes.txt").write_bytes(b"one\r\ntwo\r\n")
        return toys

    return type("Machine", (AnySequence,), {"make": staticmethod(make)})


def test_any_sequence_of_steps_leaves_original_and_patches(machine: type[AnySequence]) -> None:
    run_state_machine_as_test(machine, settings=steps(30, 10))


@pytest.mark.slow
def test_many_sequences_of_steps_leave_original_and_patches(machine: type[AnySequence]) -> None:
    run_state_machine_as_test(machine, settings=steps(150, 25))
