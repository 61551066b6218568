"""Files under another name: what the checkout's own entry points import is what is patched."""

from __future__ import annotations

from typing import Any

import pytest

from ttsopt.domain.plan import PlannedPatch, Status
from ttsopt.operations.rollback import rollback

Toys = Any  # conftest.py of this folder
TALKER = "class Talker:\n    rate = 1\n"
RATE = """
[[files]]
paths = ["toy/talker.py"]
anchor = "class Talker"
[[files.edits]]
in = "Talker"
set_const = "rate"
old = ["1"]
new = "2"
"""
WEB = "from toy.talker_fast import Talker\n"


def put(toys: Toys, **files: str) -> None:
    for name, text in files.items():
        path = toys.checkout / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def apply(toys: Toys, patch: str = RATE) -> PlannedPatch:
    toys.patch("rate", patch)
    row: PlannedPatch = toys.row(toys.apply("rate"), "rate")
    return row


def edited(row: PlannedPatch) -> list[str]:
    return [file.path for file in row.files if file.splices]


def test_a_renamed_file_is_found_by_what_imports_it(toys: Toys) -> None:
    put(toys, webui=WEB, toy__talker_fast=TALKER)
    before = toys.files()
    row = apply(toys)
    assert (row.status, edited(row)) == (Status.APPLIED, ["toy/talker_fast.py"])
    assert row.notes == ("toy/talker_fast.py is what webui.py imports in place of toy/talker.py",)
    rollback(toys.checkout)
    assert toys.files() == before


def test_what_is_run_is_patched_and_not_what_lies_about(toys: Toys) -> None:
    put(toys, webui=WEB, toy__talker_fast=TALKER, toy__talker=TALKER)
    assert edited(apply(toys)) == ["toy/talker_fast.py"]


def test_the_named_file_stays_the_target_where_it_is_run_too(toys: Toys) -> None:
    put(toys, webui=WEB, api="import toy.talker\n", toy__talker_fast=TALKER, toy__talker=TALKER)
    row = apply(toys)
    assert (edited(row), row.notes) == (["toy/talker.py"], ())


@pytest.mark.parametrize("entry", ["train", "notes/webui"])
def test_what_nothing_runs_is_seen_and_not_patched(toys: Toys, entry: str) -> None:
    put(toys, **{entry.replace("/", "__"): WEB}, toy__talker_fast=TALKER)
    row = apply(toys)
    assert row.status is Status.ABSENT
    assert [(one.file, one.line) for one in row.seen_elsewhere] == []  # `rate` is a word like any


def test_of_two_that_are_run_neither_is_the_one(toys: Toys) -> None:
    put(toys, webui=WEB + "import toy.talker_slow\n", toy__talker_fast=TALKER)
    put(toys, toy__talker_slow=TALKER)
    assert apply(toys).status is Status.ABSENT


@pytest.mark.parametrize(
    ("anchor", "place", "found"),
    [
        ("class Talker", "toy/talker_fast", True),
        ("class Talker", "parts/talker", True),
        ("class Talker", "parts/talker_fast", False),
        ("def talk", "toy/talker_fast", True),
        ("def talk", "parts/talker", False),
        ("def Talker.talk", "parts/talker", True),
    ],
)
def test_it_has_to_be_near(toys: Toys, anchor: str, place: str, found: bool) -> None:
    put(toys, webui=f"import {place.replace('/', '.')}\n")
    text = "class Talker:\n    rate = 1\n    def talk(self): ...\n\n\ndef talk(): ...\n"
    put(toys, **{place.replace("/", "__"): text})
    row = apply(toys, RATE.replace("class Talker", anchor))
    assert edited(row) == [f"{place}.py"] * found


@pytest.mark.parametrize("other", ["class Talker2:\n    rate = 1\n", "# class Talker:\nrate = 1\n"])
def test_the_anchor_is_exact_there_too(toys: Toys, other: str) -> None:
    put(toys, webui=WEB, toy__talker_fast=other)
    assert apply(toys).status is Status.ABSENT


def test_a_file_of_another_target_of_the_patch_is_not_taken_for_this_one(toys: Toys) -> None:
    both = RATE + RATE.replace("toy/talker.py", "toy/talker_fast.py") + "optional = true\n"
    put(toys, webui=WEB, toy__talker_fast=TALKER)
    row = apply(toys, both)
    assert row.status is not Status.APPLIED


def test_a_file_that_may_be_missing_counts_where_it_is_there(toys: Toys) -> None:
    first = RATE.replace('anchor = "class Talker"', 'anchor = "class Talker"\nif_there = true')
    both = first + RATE.replace("toy/talker.py", "toy/second.py")
    put(toys, toy__second=TALKER)
    row = apply(toys, both)
    assert (row.status, edited(row)) == (Status.APPLIED, ["toy/second.py"])
    rollback(toys.checkout)
    put(toys, toy__talker="class Talker: ...\n")
    refused = toys.apply("rate").refusal
    assert refused
    assert "toy/talker.py" in refused.message


def test_a_target_without_an_anchor_is_taken_by_its_path_alone(toys: Toys) -> None:
    put(toys, webui=WEB, toy__talker_fast=TALKER)
    assert apply(toys, RATE.replace('anchor = "class Talker"\n', "")).status is Status.ABSENT
