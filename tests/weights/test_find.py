"""Which files of a model are there, in a checkout and in the caches of the hubs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from toy_models import MODELS, put

from ttsopt.catalog.models import read_models
from ttsopt.domain.model_files import FoundComponent, ModelList, Place
from ttsopt.weights.find import Search, find_weights

COMMIT = "0123456789abcdef"


@pytest.fixture
def models(tmp_path: Path) -> ModelList:
    found, problems = read_models(put(tmp_path / "models.toml", MODELS))
    assert not problems
    return found


def component(
    models: ModelList, folder: Path, name: str = "encoder", **variables: str
) -> FoundComponent:
    """The component of that name, looked for below `folder`."""
    search = Search(folder / "root", variables, folder / "home")
    rows = [row for model in find_weights(models, search) for row in model.components]
    return next(row for row in rows if row.component.name == name)


IN_CACHES = {
    "home/.cache/huggingface/hub/models--owner--toy.2/snapshots/abc/parts/encoder.bin": Place.HUGGINGFACE,
    "home/.cache/modelscope/hub/models/owner/toy___2/parts/encoder.bin": Place.MODELSCOPE,
    "home/.cache/modelscope/hub/owner/toy.2/parts/encoder.bin": Place.MODELSCOPE,
    "home/.cache/modelscope/models/owner--toy.2/snapshots/master/parts/encoder.bin": Place.MODELSCOPE,
    "root/weights/parts/encoder.bin": Place.CHECKOUT,
    "root/old/anything/encoder.bin": Place.CHECKOUT,
}


@pytest.mark.parametrize(("path", "place"), IN_CACHES.items())
def test_a_file_is_found_where_upstream_and_the_hubs_keep_it(
    models: ModelList, tmp_path: Path, path: str, place: Place
) -> None:
    file = put(tmp_path / path)
    found = component(models, tmp_path)
    assert (found.is_there, found.places, found.files[0].at) == (True, (place,), file)


def test_nothing_is_there(models: ModelList, tmp_path: Path) -> None:
    found = component(models, tmp_path)
    assert not found.is_there
    assert [row.file.path for row in found.missing] == ["encoder.bin"]


@pytest.mark.parametrize(
    ("variable", "below"),
    [
        ("HF_HOME", "hub/models--"),
        ("HF_HUB_CACHE", "models--"),
        ("XDG_CACHE_HOME", "huggingface/hub/models--"),
    ],
)
def test_the_variables_of_the_libraries_name_the_cache(
    models: ModelList, tmp_path: Path, variable: str, below: str
) -> None:
    file = put(tmp_path / f"disk/{below}owner--toy.2/snapshots/abc/parts/encoder.bin")
    assert component(models, tmp_path, **{variable: str(tmp_path / "disk")}).files[0].at == file


def test_the_checkout_comes_before_the_caches(models: ModelList, tmp_path: Path) -> None:
    own, *others = reversed(IN_CACHES)
    for path in others:
        put(tmp_path / path)
    assert component(models, tmp_path).files[0].at == tmp_path / "root/weights/parts/encoder.bin"
    assert own.startswith("root/")


def test_of_several_revisions_that_of_main_counts(models: ModelList, tmp_path: Path) -> None:
    home = tmp_path / "home/.cache/huggingface/hub/models--owner--toy.2"
    put(home / "snapshots/aaa/parts/encoder.bin")
    wanted = put(home / f"snapshots/{COMMIT}/parts/encoder.bin")
    put(home / "refs/main", f"{COMMIT}\n")
    assert component(models, tmp_path).files[0].at == wanted


def test_a_cache_whose_main_leads_elsewhere_is_no_way_out(
    models: ModelList, tmp_path: Path
) -> None:
    home = tmp_path / "home/.cache/huggingface/hub/models--owner--toy.2"
    put(tmp_path / "home/parts/encoder.bin")
    put(home / "refs/main", "../../../../..")
    (home / "snapshots").mkdir()
    assert not component(models, tmp_path).is_there


def test_a_pointer_of_git_lfs_is_no_model(models: ModelList, tmp_path: Path) -> None:
    put(
        tmp_path / "root/weights/parts/encoder.bin",
        "version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
    )
    (row,) = component(models, tmp_path).files
    assert not row.is_there
    assert "git lfs pull" in row.problem


def test_an_empty_file_and_a_pipe_are_no_model(models: ModelList, tmp_path: Path) -> None:
    put(tmp_path / "root/weights/parts/encoder.bin", "")
    (tmp_path / "root/old/a").mkdir(parents=True)
    os.mkfifo(tmp_path / "root/old/a/encoder.bin")
    (row,) = component(models, tmp_path).files
    assert (row.is_there, row.problem) == (False, "it is empty")


def test_one_that_can_be_used_is_taken_before_one_that_cannot(
    models: ModelList, tmp_path: Path
) -> None:
    put(tmp_path / "root/weights/parts/encoder.bin", "")
    usable = put(tmp_path / "root/old/a/encoder.bin")
    assert component(models, tmp_path).files[0].at == usable


def test_what_lies_beside_a_file_goes_with_it(models: ModelList, tmp_path: Path) -> None:
    home = tmp_path / "home/.cache/huggingface/hub/models--owner--vocoder/snapshots/abc"
    put(home / "v.bin")
    settings = put(home / "v.json")
    put(home / "readme.md")
    assert component(models, tmp_path, "vocoder").files[0].beside == (settings,)
