"""Patches are never made without what they are about, and a file is patched whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ttsopt.cli.rows import patch_row
from ttsopt.domain.plan import PlannedPatch, Status
from ttsopt.operations.planning import make_plan

Toys = Any  # conftest.py of this folder
# A setting, and the line that has the program keep it, for a call that reads it.
KEYED = """
[[files]]
paths = ["toy/core.py"]
anchor = "class Toy"
optional = true
[[files.edits]]
in = "Toy.speak"
replace = "slow($X)"
with = "quick($X)"
essential = true
[[files.edits]]
insert = "KEYS = ['quick']"
after = "STEPS = $_"
[[files.edits]]
ensure_import = "from quickly import quick"
[[files]]
paths = ["settings.yaml"]
optional = true
[[files.edits]]
set_yaml = "custom.quick"
old = ["false"]
new = "true"
add = true
"""
PAIR = """
[[files]]
paths = ["toy/core.py"]
[[files.edits]]
set_const = "STEPS"
old = ["32"]
new = "7"
[[files]]
paths = ["toy/extra.py"]
optional = true
[[files.edits]]
in = "show"
set_default = "steps"
old = ["32"]
new = "7"
[[files.edits]]
replace = "drawn($X)"
with = "os.getenv($X)"
[[files.edits]]
ensure_import = "import os"
"""


def planned(toys: Toys, name: str) -> PlannedPatch:
    plan = make_plan(toys.request(name)).plan
    return next(row for row in plan.patches if row.patch.id == f"toy/{name}")


@pytest.fixture
def keyed(toys: Toys) -> Toys:
    toys.patch("keyed", KEYED)
    (toys.checkout / "settings.yaml").write_text("custom:\n  device: cpu\n", "utf-8")
    return toys


def test_a_key_and_an_import_without_the_call_are_no_patch(keyed: Toys) -> None:
    keyed.core.write_text(keyed.core.read_text("utf-8").replace("slow(", "other("), "utf-8")
    before = keyed.files()
    row = keyed.row(keyed.apply("keyed"), "keyed")
    assert row.status is Status.ABSENT
    assert keyed.files() == before
    assert "quick" not in (keyed.checkout / "settings.yaml").read_text("utf-8")


def test_with_the_call_all_of_it_is_made(keyed: Toys) -> None:
    assert keyed.row(keyed.apply("keyed"), "keyed").status is Status.APPLIED
    core = keyed.files()["toy/core.py"]
    assert "quick(text)" in core
    assert "KEYS = " in core
    assert "quick: true" in (keyed.checkout / "settings.yaml").read_text("utf-8")


def test_an_optional_file_with_half_of_the_construct_is_refused(toys: Toys) -> None:
    toys.patch("pair", PAIR)
    row = planned(toys, "pair")
    assert (row.status, row.file) == (Status.REFUSED, "toy/extra.py")
    assert "drawn" in row.reason


def test_an_optional_file_with_nothing_of_it_gets_no_import(toys: Toys) -> None:
    toys.patch("pair", PAIR)
    extra = toys.checkout / "toy/extra.py"
    extra.write_text("def show(size=3):\n    return size\n", "utf-8")
    assert toys.row(toys.apply("pair"), "pair").status is Status.APPLIED
    assert extra.read_text("utf-8") == "def show(size=3):\n    return size\n"


def test_a_file_that_keeps_its_bytes_is_not_called_edited(toys: Toys) -> None:
    toys.patch("pair", PAIR)
    extra = toys.checkout / "toy/extra.py"
    extra.write_text("def show(size=3):\n    return size\n", "utf-8")
    files = json.loads(json.dumps(patch_row(planned(toys, "pair"))))["files"]
    changes = {Path(file["path"]).name: file["change"] for file in files}
    assert changes == {"core.py": "edited", "extra.py": "unchanged"}
