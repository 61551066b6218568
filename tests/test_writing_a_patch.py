"""docs/writing-a-patch.md does not rot: its examples are read, checked and run."""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ttsopt.catalog.checks import check_patch
from ttsopt.catalog.load import load_catalogue
from ttsopt.catalog.location import catalogue_folder
from ttsopt.catalog.schema import patch_from_table
from ttsopt.domain.edits import OPERATIONS
from ttsopt.domain.patch import Patch
from ttsopt.domain.plan import Status
from ttsopt.editing.resolve import resolve
from ttsopt.operations.authoring.cases import OUTCOMES, cases_of, missing_cases, run_case
from ttsopt.operations.authoring.check_edits import check_edits
from ttsopt.operations.diff import diff_of
from ttsopt.operations.locate import Target
from ttsopt.operations.plan.selection import Selection
from ttsopt.operations.planning import PlanRequest, make_plan

DOCUMENT = Path(__file__).parents[1] / "docs" / "writing-a-patch.md"
TEXT = DOCUMENT.read_text(encoding="utf-8")
HEAD = 'id = "toy/quick"\nversion = 1\nsummary = "s"\nwhy = "w"\neffect = "exact"\n'
FILE = '[[files]]\npaths = ["toy.{suffix}"]\n'
EDIT = '[[files.edits]]\nreplace = "a"\nwith = "b"\n'


@dataclass(frozen=True)
class Block:
    language: str
    info: str
    text: str


def blocks() -> Iterator[Block]:
    for found in re.finditer(
        r"^```(\w+)(?: ([^\n]*))?\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL
    ):
        yield Block(found[1], found[2] or "", found[3])


BLOCKS = list(blocks())
EDITS = [number for number, one in enumerate(BLOCKS) if one.info.startswith("edit")]
FRAGMENTS = [one for one in BLOCKS if one.info == "patch"]
FILES = {one.info[5:]: one.text for one in BLOCKS if one.info.startswith("file=")}


def checked(text: str) -> Patch:
    """The patch of a `patch.toml`, when nothing is wrong with it."""
    patch = patch_from_table(tomllib.loads(text))
    assert [*check_patch(patch), *check_edits(patch)] == []
    return patch


def suffix_of(block: Block) -> str:
    return block.info.partition(" ")[2] or "py"


@pytest.mark.parametrize("number", EDITS, ids=lambda number: BLOCKS[number].text.split("\n")[1])
def test_every_edit_does_what_the_document_shows(number: int) -> None:
    example, before, after = BLOCKS[number : number + 3]
    assert (before.info, after.info) == ("before", "after")
    suffix = suffix_of(example)
    patch = checked(HEAD + FILE.format(suffix=suffix) + example.text)
    raw = before.text.encode()
    made = resolve(f"toy.{suffix}", raw, patch.files[0].edits)
    assert Status.APPLIED in {answer.status for answer in made.answers}
    assert not {Status.REFUSED, Status.ABSENT} & {answer.status for answer in made.answers}
    for splice in sorted(made.splices, reverse=True):
        raw = raw[: splice.start] + splice.inserted + raw[splice.end :]
    assert raw.decode() == after.text


@pytest.mark.parametrize("block", FRAGMENTS, ids=lambda block: block.text.split("\n")[0])
def test_every_other_example_is_right(block: Block) -> None:
    edited = "[[files]]" in block.text
    checked(HEAD + block.text + ("" if edited else FILE.format(suffix="py") + EDIT))


def test_the_walk_through_gives_the_diff_and_its_cases_hold(tmp_path: Path) -> None:
    own = tmp_path / "my-patches"
    for name, text in FILES.items():
        path = own / "sample/silent-hiss" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    checkout = tmp_path / "checkout"
    shutil.copytree(catalogue_folder() / "sample/checkout", checkout)
    target = Target(checkout, catalogs=(own,))
    plan = make_plan(PlanRequest(target, Selection(("sample/silent-hiss",)))).plan
    (shown,) = (one.text for one in BLOCKS if one.language == "diff")
    assert diff_of(plan.changes).data.decode() == shown
    catalogue = load_catalogue([own])
    cases = cases_of(catalogue, catalogue.patch("sample/silent-hiss"), [own])
    assert missing_cases(cases) == ""
    assert [run_case(case) for case in cases] == [(), ()]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_has_an_example(operation: str) -> None:
    assert any(re.search(rf"^{operation} = ", block.text, re.MULTILINE) for block in BLOCKS)


@pytest.mark.parametrize(
    "outcome", [*OUTCOMES, "deleted.txt", "settings.txt", "with.txt", "root.txt"]
)
def test_every_file_of_a_case_is_explained(outcome: str) -> None:
    assert f"`{outcome}" in TEXT
