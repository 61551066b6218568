"""Patches that need, exclude or follow each other, and facts that must hold of files."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from ttsopt.domain.plan import Status
from ttsopt.errors import RefusedError
from ttsopt.operations.rollback import rollback

Toys = Any  # conftest.py of this folder


def inserted(code: str, head: str = "") -> str:
    return f"""{head}
[[files]]
paths = ["toy/core.py"]
[[files.edits]]
insert = "{code}"
after = ["import sys"]
"""


NEEDY = inserted("needy = sys", '[requires]\npatches = ["toy/zero"]\n')


def test_a_requirement_that_is_not_met_skips_the_patch_or_refuses_it_by_name(toys: Toys) -> None:
    toys.patch("needy", NEEDY)
    toys.patch("zero", inserted("zero = sys"), effect="lossy")
    row = toys.row(toys.apply(), "needy")
    assert (row.status, row.why) == (Status.SKIPPED, "requirement")
    assert "needs toy/zero" in row.reason
    done = toys.apply("needy")
    assert toys.row(done, "needy").status is Status.REFUSED
    assert done.refusal is not None
    assert "-p toy/zero -p toy/needy" in done.refusal.hint


def test_both_are_taken_together_whatever_their_names_say_of_order(toys: Toys) -> None:
    toys.patch("needy", NEEDY)
    toys.patch("zero", inserted("zero = sys"))
    done = toys.apply("needy", "zero")
    assert set(toys.statuses(done).values()) == {Status.APPLIED, Status.SKIPPED}
    assert "import sys\nzero = sys\nneedy = sys\n" in toys.files()["toy/core.py"]


def test_what_upstream_has_already_meets_a_requirement(toys: Toys) -> None:
    toys.patch("needy", NEEDY)
    toys.patch("zero", inserted("zero = sys"))
    core = toys.core.read_bytes().replace(b"import sys\n", b"import sys\nzero = sys\n")
    toys.core.write_bytes(core)
    assert toys.row(toys.apply("needy", "zero"), "needy").status is Status.APPLIED


def test_what_is_needed_is_not_taken_out_alone(toys: Toys) -> None:
    toys.patch("needy", NEEDY)
    toys.patch("zero", inserted("zero = sys"))
    before = toys.files()
    toys.apply("needy", "zero")
    patched = toys.files()
    shutil.rmtree(toys.catalogue / "toy" / "needy")  # the journal knows it
    with pytest.raises(RefusedError, match="toy/needy, which stays, needs toy/zero") as refusal:
        rollback(toys.checkout, ["toy/zero"])
    assert "-p toy/needy -p toy/zero" in refusal.value.hint
    assert toys.files() == patched
    rollback(toys.checkout, ["toy/zero", "toy/needy"])
    assert toys.files() == before


@pytest.mark.parametrize("says", ["one", "two"])
def test_a_conflict_holds_both_ways_and_the_one_that_is_there_stays(toys: Toys, says: str) -> None:
    for name, other in (("one", "two"), ("two", "one")):
        head = f'conflicts = ["toy/{other}"]\n' if name == says else ""
        toys.patch(name, inserted(f"{name} = sys", head))
    toys.apply("two")
    row = toys.row(toys.apply(), "one")
    assert (row.status, row.why) == (Status.SKIPPED, "conflict")
    assert "toy/two" in row.reason
    done = toys.apply("one")
    assert done.refusal is not None
    assert "ttsopt rollback -p toy/two" in done.refusal.hint


@pytest.mark.parametrize("order", [["early", "late"], ["late", "early"]])
def test_after_orders_what_two_patches_put_at_one_place(toys: Toys, order: list[str]) -> None:
    toys.patch("early", inserted("z = sys"))
    toys.patch("late", inserted("a = z", 'after = ["toy/early"]\n'))
    for name in order:
        toys.apply(name)
    assert "import sys\nz = sys\na = z\n" in toys.files()["toy/core.py"]
    rollback(toys.checkout, ["toy/early"])
    assert "import sys\na = z\n" in toys.files()["toy/core.py"]


FACT = """
[[requires.facts]]
paths = ["model/config.yaml"]
key = "width"
equals = 512
why = "the codebook belongs to an encoder of that width"
"""


def test_a_fact_that_does_not_hold_keeps_a_patch_out(toys: Toys) -> None:
    toys.patch("wide", inserted("wide = sys", FACT))
    row = toys.row(toys.apply(), "wide")
    assert (row.status, row.why) == (Status.SKIPPED, "requirement")
    assert "model/config.yaml" in row.reason
    assert "the codebook belongs" in row.reason
    (toys.checkout / "model").mkdir()
    (toys.checkout / "model" / "config.yaml").write_text("width: 256\n", encoding="utf-8")
    assert "256" in toys.row(toys.apply(), "wide").reason
    (toys.checkout / "model" / "config.yaml").write_text("width: 512\n", encoding="utf-8")
    assert toys.row(toys.apply(), "wide").status is Status.APPLIED


def test_a_patch_that_is_in_stays_in_when_a_fact_changes(toys: Toys) -> None:
    (toys.checkout / "model").mkdir()
    config = toys.checkout / "model" / "config.yaml"
    config.write_text("width: 512\n", encoding="utf-8")
    toys.patch("wide", inserted("wide = sys", FACT))
    toys.apply("wide")
    config.unlink()
    assert toys.row(toys.apply(), "wide").why == "applied"
