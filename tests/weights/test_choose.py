"""Which model a benchmark takes, and what of it is real."""

from __future__ import annotations

from pathlib import Path

import pytest
from toy_models import MODELS, put

from ttsopt.catalog.models import read_models
from ttsopt.domain.model_files import ChosenWeights, Kind
from ttsopt.weights.choose import choose_weights
from ttsopt.weights.find import Search, find_weights

ENCODER = "weights/parts/encoder.bin"
VOCODER = "home/.cache/huggingface/hub/models--owner--vocoder/snapshots/abc/v.bin"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    put(tmp_path / "models.toml", MODELS)
    return tmp_path


def choose(
    folder: Path,
    *,
    variables: dict[str, str] | None = None,
    configured: str = "",
    touched: tuple[str, ...] = (),
) -> ChosenWeights:
    models, _ = read_models(folder / "models.toml")
    found = find_weights(models, Search(folder, {}, folder / "home"))
    has = lambda path: (folder / path).is_file()  # noqa: E731
    return choose_weights(
        found, has, environ=variables or {}, configured=configured, touched=touched
    )


def name(chosen: ChosenWeights) -> str:
    return chosen.model.model.name if chosen.model else ""


def test_without_weights_the_first_model_is_random(folder: Path) -> None:
    chosen = choose(folder)
    assert (name(chosen), chosen.kind, chosen.variables, chosen.links) == (
        "Toy-2",
        Kind.RANDOM,
        {},
        {},
    )


def test_some_of_them_are_mixed(folder: Path) -> None:
    encoder = put(folder / ENCODER)
    chosen = choose(folder)
    assert chosen.kind is Kind.MIXED
    assert [row.component.name for row in chosen.random] == ["vocoder"]
    assert (chosen.links, chosen.variables) == ({"encoder.bin": encoder}, {"TTSOPT_TOY": "2"})


def test_all_of_them_are_real_whatever_patches_ask_for(folder: Path) -> None:
    put(folder / ENCODER)
    beside = put((folder / VOCODER).with_suffix(".json"))
    put(folder / VOCODER)
    chosen = choose(folder)
    assert chosen.kind is Kind.FOUND
    assert chosen.links["vocoder/v.json"] == beside


def test_a_complete_model_comes_before_the_first(folder: Path) -> None:
    put(folder / ENCODER)
    put(folder / "weights/all.bin")
    assert (name(choose(folder)), choose(folder).kind) == ("Toy-1", Kind.FOUND)


def test_the_variable_and_the_checkouts_own_setting_name_the_model(folder: Path) -> None:
    put(folder / "weights/all.bin")
    assert name(choose(folder, variables={"TTSOPT_TOY": "2"})) == "Toy-2"
    assert name(choose(folder, configured="2")) == "Toy-2"
    assert name(choose(folder, variables={"TTSOPT_TOY": "1"}, configured="2")) == "Toy-1"
    assert name(choose(folder, configured="7")) == "Toy-1"


def test_a_model_whose_code_is_not_there_or_not_touched_is_not_meant(folder: Path) -> None:
    put(folder / "weights/all.bin")
    text = MODELS.replace('value = "1"', 'value = "1"\nneeds = "one.py"')
    put(folder / "models.toml", text)
    assert name(choose(folder)) == "Toy-2"
    put(folder / "one.py")
    assert name(choose(folder)) == "Toy-1"
    put(folder / "models.toml", text.replace('value = "2"', 'value = "2"\nneeds = "two.py"'))
    put(folder / "two.py")
    assert name(choose(folder, touched=("two.py",))) == "Toy-2"
