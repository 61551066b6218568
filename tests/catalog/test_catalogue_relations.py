from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

Shelf = Any  # conftest.py of this folder

FILE = '[[files]]\npaths = ["toy.py"]\n'
EDIT = '[[files.edits]]\nreplace = "a"\nwith = "b"\n'


def patch(shelf: Shelf, name: str, **names: list[str]) -> None:
    """A patch with `after`, `conflicts` and `requires`, each a list of names within the system."""
    ids = {
        key: [one if "/" in one else f"toy/{one}" for one in value] for key, value in names.items()
    }
    requires = f"[requires]\npatches = {ids.pop('requires')}\n" if "requires" in ids else ""
    more = "".join(f"{key} = {value}\n" for key, value in ids.items())
    shelf.patch(name, FILE + EDIT + requires, more=more)


def test_the_rank_is_the_longest_way_of_after_and_requires(shelf: Shelf) -> None:
    patch(shelf, "a", after=["b", "d"])
    patch(shelf, "b", requires=["c"])
    patch(shelf, "c")
    patch(shelf, "d")
    ranks = {one.id: one.rank for one in shelf.load().patches}
    assert ranks == {"toy/a": 2, "toy/b": 1, "toy/c": 0, "toy/d": 0}


@pytest.mark.parametrize("key", ["after", "conflicts", "requires"])
def test_a_patch_that_is_named_must_be_there(shelf: Shelf, key: str) -> None:
    patch(shelf, "a", **{key: ["zzz"]})
    shown = "requires.patches" if key == "requires" else key
    assert shelf.problems() == [f"toy/a/patch.toml: {shown}[0]: there is no patch 'toy/zzz'"]


@pytest.mark.parametrize("key", ["after", "conflicts", "requires"])
def test_a_patch_cannot_name_itself(shelf: Shelf, key: str) -> None:
    patch(shelf, "a", **{key: ["a"]})
    found = shelf.problems()
    assert any("a patch cannot name itself" in line for line in found)
    assert not any("cycle" in line for line in found)


def test_no_relation_reaches_into_another_system(shelf: Shelf) -> None:
    shelf.system(name="other")
    shelf.patch("other/b")
    patch(shelf, "alone", conflicts=["other/b"])
    patch(shelf, "late", after=["other/b"])
    patch(shelf, "needy", requires=["other/b"])
    assert shelf.problems() == [
        "toy/alone/patch.toml: conflicts[0]: other/b is for another system",
        "toy/late/patch.toml: after[0]: other/b is for another system",
        "toy/needy/patch.toml: requires.patches[0]: other/b is for another system",
    ]


def test_a_cycle_is_told_once_with_all_its_patches(shelf: Shelf) -> None:
    patch(shelf, "a", after=["b"])
    patch(shelf, "b", requires=["c"])
    patch(shelf, "c", after=["a"])
    patch(shelf, "d", after=["a"])
    assert shelf.problems() == [
        "toy/a/patch.toml: after: a cycle of requires and after: toy/a -> toy/b -> toy/c -> toy/a"
    ]


def test_what_is_required_together_must_go_together(shelf: Shelf) -> None:
    patch(shelf, "a", requires=["b"])
    patch(shelf, "b", requires=["c"])
    patch(shelf, "c", conflicts=["a"])
    found = [line for line in shelf.problems() if line.startswith("toy/a/")]
    assert found == [
        "toy/a/patch.toml: requires.patches: toy/c conflicts with toy/a, which is taken with it"
    ]


def test_an_id_is_that_of_one_patch_over_all_folders(shelf: Shelf, tmp_path: Path) -> None:
    patch(shelf, "a")
    own = type(shelf)(tmp_path / "own")
    own.system()
    patch(own, "a")
    found = shelf.problems(own.folder)
    assert len(found) == 4
    assert all("is also that of" in line for line in found)
    assert {line.partition(": ")[0] for line in found} == {
        "toy/a/patch.toml",
        "toy/system.toml",
        str(own.folder / "toy/a/patch.toml"),
        str(own.folder / "toy/system.toml"),
    }


def test_a_patch_must_be_for_a_system_that_is_there(shelf: Shelf) -> None:
    shelf.patch("tyo/a")
    assert shelf.problems() == ["tyo/a/patch.toml: id: there is no system 'tyo'; there are toy"]
