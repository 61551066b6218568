from __future__ import annotations

from typing import Any

import pytest

from ttsopt.checkout.state.journal import read_journal
from ttsopt.checkout.state.location import open_checkout
from ttsopt.domain.plan import Status
from ttsopt.operations.apply import apply
from ttsopt.operations.rollback import rollback

Toys = Any  # conftest.py of this folder


@pytest.mark.parametrize("order", [["steps", "calls"], ["calls", "steps"], ["steps calls"]])
def test_any_order_gives_the_same_bytes(toys: Toys, order: list[str]) -> None:
    before = toys.files()
    for names in order:
        toys.apply(*names.split())
    assert toys.files() == {**before, "toy/core.py": toys.core_with("steps", "calls")}
    journal = read_journal(open_checkout(toys.checkout)).journal
    assert [row.id for row in journal.patches] == ["toy/calls", "toy/steps"]


@pytest.mark.parametrize("stays", ["steps", "calls"])
@pytest.mark.parametrize("first", ["steps", "calls"])
def test_either_can_be_taken_out(toys: Toys, stays: str, first: str) -> None:
    before = toys.files()
    toys.apply(first)
    toys.apply()
    leaves = {"steps": "calls", "calls": "steps"}[stays]
    done = rollback(toys.checkout, [f"toy/{leaves}"])
    assert [row.id for row in done.patches] == [f"toy/{leaves}"]
    assert toys.files()["toy/core.py"] == toys.core_with(stays)
    rollback(toys.checkout)
    assert toys.files() == before
    assert not toys.state.exists()


def test_applying_again_changes_nothing_at_all(toys: Toys) -> None:
    toys.apply()
    core, journal = toys.core.stat(), (toys.state / "journal.json").stat()
    again = toys.apply()
    assert set(toys.statuses(again).values()) == {Status.ALREADY}
    assert (toys.core.stat(), (toys.state / "journal.json").stat()) == (core, journal)


def test_a_patch_whose_changes_are_all_there_by_another_is_recorded(toys: Toys) -> None:
    toys.patch("twin", toys.steps_alone)
    toys.apply("steps")
    assert toys.row(toys.apply("twin"), "twin").status is Status.APPLIED
    rollback(toys.checkout, ["toy/steps"])
    assert "STEPS = 7" in toys.files()["toy/core.py"]
    assert "import os" not in toys.files()["toy/core.py"]


def test_two_patches_that_want_different_things_conflict(toys: Toys) -> None:
    toys.patch("other", toys.steps_alone.replace('"7"', '"9"'))
    done = toys.apply()
    assert toys.row(done, "other").status is Status.APPLIED
    refused = toys.row(done, "steps")
    assert (refused.status, refused.why) == (Status.REFUSED, "conflict")
    assert "toy/other" in refused.reason
    files = toys.files()
    named = toys.apply("steps")
    assert named.refusal is not None
    assert named.refusal.exit_code == 3
    assert toys.files() == files


def test_a_dry_run_writes_nothing_and_plans_the_bytes(toys: Toys) -> None:
    before = toys.files()
    done = apply(toys.request(), dry_run=True)
    assert toys.files() == before
    assert not toys.state.exists()
    (core,) = [one for one in done.planned.plan.changes if one.path == "toy/core.py"]
    toys.apply()
    assert toys.core.read_bytes() == core.after
    assert rollback(toys.checkout, dry_run=True).changes
    assert toys.core.read_bytes() == core.after


def test_two_patches_that_only_together_break_a_file(toys: Toys) -> None:
    toys.core.write_bytes(b"class Toy:\n    def speak(self):\n        slow(1)\n        slow(2)\n")
    before = toys.files()
    for name, number in (("first", 1), ("second", 2)):
        toys.patch(
            name,
            '[[files]]\npaths = ["toy/core.py"]\n'
            f'[[files.edits]]\nin = "Toy.speak"\ndelete = "slow({number})"\n',
        )
    both = toys.apply("first", "second")
    assert toys.row(both, "first").status is Status.APPLIED
    assert toys.row(both, "second").why == "conflict"
    assert "conflicts with toy/first" in toys.row(both, "second").reason
    assert toys.files() == before
    toys.apply("first")
    assert toys.row(toys.apply("second"), "second").why == "conflict"
    assert toys.files()["toy/core.py"].endswith("def speak(self):\n        slow(2)\n")
    rollback(toys.checkout)
    assert toys.files() == before
