from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ttsopt.catalog.load import load_catalogue
from ttsopt.errors import UsageError

Shelf = Any  # conftest.py of this folder


def test_the_catalogue_that_comes_with_ttsopt_is_right() -> None:
    loaded = load_catalogue()
    assert {system.id for system in loaded.systems} >= {"f5-tts", "sample", "step-audio"}
    assert all(loaded.patch(patch.id) is patch for patch in loaded.patches)
    assert all(
        loaded.folder_of(patch.id).name == patch.id[-len(loaded.folder_of(patch.id).name) :]
        for patch in loaded.patches
    )


def test_a_folder_of_ones_own_adds_patches_to_systems_that_are_known(
    shelf: Shelf, tmp_path: Path
) -> None:
    shelf.patch()
    own = type(shelf)(tmp_path / "own")
    own.patch("mine")
    loaded = shelf.load(own.folder)
    assert [patch.id for patch in loaded.patches] == ["toy/mine", "toy/quick"]
    assert loaded.folder_of("toy/mine") == own.folder / "toy" / "mine"
    assert loaded.folders == (shelf.folder, own.folder)


def test_the_shipped_folder_may_be_named_again(shelf: Shelf) -> None:
    shelf.patch()
    assert [patch.id for patch in shelf.load(shelf.folder).patches] == ["toy/quick"]


@pytest.mark.parametrize("content", ["", "system/readme.txt", "patch.toml"])
def test_a_folder_without_a_patch_is_no_catalogue(
    shelf: Shelf, tmp_path: Path, content: str
) -> None:
    folder = tmp_path / "own"
    if content:
        (folder / content).parent.mkdir(parents=True)
        (folder / content).touch()
    with pytest.raises(UsageError) as caught:
        shelf.load(folder)
    assert caught.value.code == "no-catalogue"
    assert "SYSTEM/PATCH/patch.toml" in caught.value.hint


def test_problems_have_the_folder_as_the_user_wrote_it(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = type(shelf)(tmp_path / "own")
    own.patch("mine", more="x = 1\n")
    monkeypatch.chdir(tmp_path)
    (line,) = shelf.problems(Path("own"))
    assert line.startswith("own/toy/mine/patch.toml: x: unknown key")


def test_helpers_and_hidden_folders_are_no_systems(shelf: Shelf) -> None:
    shelf.patch()
    for name in ("_helpers/x/patch.toml", ".git/system.toml"):
        shelf.write(name, "nonsense")
    assert len(shelf.load().patches) == 1


def test_an_unknown_patch_is_refused_with_the_nearest(shelf: Shelf) -> None:
    shelf.patch()
    loaded = shelf.load()
    with pytest.raises(UsageError) as near:
        loaded.patch("toy/qick")
    with pytest.raises(UsageError) as far:
        loaded.patch("zzz")
    assert "toy/quick" in near.value.hint
    assert far.value.hint == "`ttsopt list` shows all."


def test_a_file_that_changed_is_read_again(shelf: Shelf) -> None:
    shelf.patch()
    assert shelf.load().patch("toy/quick").version == 1
    text = (shelf.folder / "toy/quick/patch.toml").read_text(encoding="utf-8")
    shelf.write("toy/quick/patch.toml", text.replace("version = 1", "version = 2"))
    assert shelf.load().patch("toy/quick").version == 2
