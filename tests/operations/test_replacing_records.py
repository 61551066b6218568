"""Patches that are applied and come again in another form: all of the new one, or all of the old one."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import pytest

from ttsopt.domain.plan import Status
from ttsopt.editing.unified.write import unified_diff
from ttsopt.operations.apply import Applied, apply
from ttsopt.operations.locate import Target
from ttsopt.operations.plan.selection import Selection
from ttsopt.operations.planning import PlanRequest
from ttsopt.operations.rollback import rollback

Toys = Any  # conftest.py of this folder
HELPER = "def kept(function):\n    return function\n"
USES_HELPER = """
[[files]]
paths = ["toy/{file}.py"]
[[files.edits]]
in = "{scope}"
decorate = "kept"
[[files.edits]]
add_file = "toy_kept.py"
import = ["kept"]
"""


def helped(toys: Toys, version: int, helper: str) -> None:
    folder = toys.catalogue / "_helpers"
    folder.mkdir(exist_ok=True)
    (folder / "toy_kept.py").write_text(helper, encoding="utf-8")
    toys.patch("one", USES_HELPER.format(file="core", scope="Toy.speak"), version)
    toys.patch("two", USES_HELPER.format(file="extra", scope="show"), version)


def apply_files(toys: Toys, *files: Path) -> Applied:
    return apply(PlanRequest(Target(toys.checkout), Selection(files=files)))


def test_upstreams_own_value_takes_the_other_one_out_again(toys: Toys) -> None:
    before = toys.files()
    toys.apply("steps", settings=("toy/steps.steps=23",))
    assert "STEPS = 23" in toys.files()["toy/core.py"]
    done = toys.apply("steps", settings=("toy/steps.steps=32",))
    assert toys.row(done, "steps").status is Status.APPLIED
    assert "STEPS = 32" in toys.files()["toy/core.py"]
    assert toys.row(toys.apply("steps"), "steps").why == "applied"
    rollback(toys.checkout)
    assert toys.files() == before


def test_a_helper_that_two_patches_share_is_upgraded_for_both(toys: Toys) -> None:
    before = toys.files()
    helped(toys, 1, HELPER)
    toys.apply("one", "two")
    helped(toys, 2, HELPER + "NEWER = True\n")
    done = toys.apply("one", "two")
    assert done.refusal is None
    assert toys.files()["toy/toy_kept.py"].endswith("NEWER = True\n")
    rollback(toys.checkout)
    assert toys.files() == before


def test_where_one_of_two_cannot_follow_both_stay_as_they_were(toys: Toys) -> None:
    helped(toys, 1, HELPER)
    toys.apply("one", "two")
    files = toys.files()
    helped(toys, 2, HELPER + "NEWER = True\n")
    needy = '[requires]\npatches = ["toy/shown"]\n' + USES_HELPER.format(file="extra", scope="show")
    toys.patch("two", needy, 2)
    done = toys.apply("one", "two")
    assert done.refusal is not None
    assert toys.row(done, "one").why == "conflict"
    assert toys.row(done, "two").why == "requirement"
    assert toys.files() == files


def test_a_newer_version_needs_what_it_says_it_needs(toys: Toys) -> None:
    toys.apply("shown")
    files = toys.files()
    toys.patch("shown", '[requires]\npatches = ["toy/steps"]\n' + toys.shown, version=2)
    row = toys.row(toys.apply("shown"), "shown")
    assert (row.status, row.why) == (Status.REFUSED, "requirement")
    assert toys.files() == files
    assert toys.apply("shown", "steps").refusal is None


def test_a_file_that_the_old_version_edited_and_the_user_since_stops_that_patch_alone(
    toys: Toys,
) -> None:
    toys.apply("shown", "steps")
    extra = toys.checkout / "toy" / "extra.py"
    extra.write_text("mine = 1\n", encoding="utf-8")
    toys.patch("shown", toys.steps_alone, version=2)
    done = toys.apply()
    row = toys.row(done, "shown")
    assert (row.status, row.why, row.file) == (Status.REFUSED, "changed-since", "toy/extra.py")
    assert toys.row(done, "steps").why == "applied"
    assert toys.row(done, "calls").status is Status.APPLIED
    assert extra.read_text(encoding="utf-8") == "mine = 1\n"


def test_two_targets_that_are_one_file_both_count(toys: Toys) -> None:
    twice = toys.steps_alone + toys.calls.replace('"toy/core.py"', '"toy/core.py", "toy/c.py"')
    toys.patch("both", twice)
    assert toys.row(toys.apply("both"), "both").status is Status.APPLIED
    assert toys.files()["toy/core.py"] == toys.core_with("steps", "calls")


def test_a_conflict_names_the_one_in_the_way_and_the_line(toys: Toys) -> None:
    toys.apply("steps", "calls")
    toys.patch("other", toys.steps_alone.replace('"7"', '"9"'))
    row = toys.row(toys.apply("other"), "other")
    assert (row.why, row.file, row.line) == ("conflict", "toy/core.py", 3)
    assert row.reason == "it conflicts with toy/steps: both change the same bytes"
    assert "ttsopt rollback -p toy/steps" in row.hint


def test_a_patch_file_of_the_same_name_says_that_it_replaces_the_one_before(toys: Toys) -> None:
    before = toys.files()
    own = toys.checkout.parent / "补丁.patch"
    for number in (1, 2):
        own.write_bytes(unified_diff("new.py", None, b"x = %d\n" % number))
        (row,) = (row for row in apply_files(toys, own).planned.plan.patches if not row.why)
        assert row.patch.id == "file/补丁"
        assert len(row.notes) == number - 1
    assert toys.files()["new.py"] == "x = 2\n"
    rollback(toys.checkout)
    assert toys.files() == before


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with a name here")
def test_a_patch_comes_through_a_pipe(toys: Toys) -> None:
    pipe = toys.checkout.parent / "pipe"
    os.mkfifo(pipe)
    diff = unified_diff("new.py", None, b"x = 1\n")
    writer = threading.Thread(target=pipe.write_bytes, args=(diff,))
    writer.start()
    assert apply_files(toys, pipe).refusal is None
    writer.join()
    assert toys.files()["new.py"] == "x = 1\n"
