"""What was measured of patches, as files that people and scripts write."""

from __future__ import annotations

import copy
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from ttsopt.catalog.problems import SchemaError
from ttsopt.catalog.results import (
    RESULTS,
    measured,
    read_results,
    results_folder,
    results_from_table,
    table_of,
)
from ttsopt.domain.effect import Device, Effect
from ttsopt.domain.patch import Patch
from ttsopt.domain.patch_result import Clock
from ttsopt.errors import CannotRunError

ROW: dict[str, Any] = {
    "patch": "toy/quick",
    "patch_version": 1,
    "parameters": {"steps": 7, "threads": "auto", "fast": True},
    "version": "v1.2-3-gabcdef0",
    "size": "tiny",
    "weights": "random",
    "texts": ["short"],
    "languages": ["en", "zh"],
    "threads": 1,
    "of": "cpu",
    "rounds": 5,
    "speedup": 1.25,
    "interval": [1.2, None],
    "verdict": "faster",
    "came_out": {"equal": True, "mel_db": 0},
    "date": "2026-01-31",
    "ttsopt": "0.1.0",
    "machine": {"cpu": "a processor", "cores": 2, "system": "Linux 6.1", "python": "3.11.7"},
}


def file_of(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"schema": 1, "system": "toy", "rows": list(rows), **more}


def changed(**keys: Any) -> dict[str, Any]:
    return copy.deepcopy(ROW) | keys


def patch(version: int = 1, device: Device = Device.ANY) -> Patch:
    return Patch("toy/quick", version, "s", "w", Effect.EXACT, (), device)


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A catalogue and results in the place of those that come with ttsopt."""
    for name in ("catalogue_folder", "results_folder"):
        monkeypatch.setattr(f"ttsopt.catalog.results.{name}", lambda: tmp_path)
    return tmp_path


def put(folder: Path, content: object) -> Path:
    file = folder / "toy.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return file


def test_a_row_is_read_and_written_as_it_is() -> None:
    (row,) = results_from_table(file_of(ROW)).rows
    assert (row.of, row.interval, row.parameters) == (Clock.CPU, (1.2, None), ROW["parameters"])
    assert (row.came_out.equal, row.came_out.tokens, row.hot, row.note) == (True, None, False, "")
    again = json.loads(json.dumps(table_of(row)))
    assert results_from_table(file_of(again)).rows == (row,)


@pytest.mark.parametrize(
    ("content", "key", "message"),
    [
        ([], "schema", "expected 1"),
        ({"schema": 2, "system": "toy"}, "schema", "expected 1"),
        (file_of(changed(spedup=2)), "rows[0].spedup", "did you mean speedup?"),
        (file_of(changed(of="gpu")), "rows[0].of", "expected one of cpu, wall"),
        (file_of(changed(verdict="fast")), "rows[0].verdict", "expected one of faster"),
        (file_of(changed(rounds="5")), "rows[0].rounds", "expected int"),
        (file_of(changed(interval=[1.2])), "rows[0].interval", "expected two ends"),
        (file_of(changed(interval=[None, 2])), "rows[0].interval", "expected two ends"),
        (file_of(changed(patch="other/quick")), "rows[0].patch", "no patch of toy"),
        (file_of(not_measured={"other/quick": "w"}), "not_measured", "no patch of toy"),
        (file_of({"patch": "toy/quick"}), "rows[0].machine", "required field missing"),
    ],
)
def test_what_is_wrong_is_told_with_its_key(content: object, key: str, message: str) -> None:
    with pytest.raises(SchemaError) as caught:
        results_from_table(content)
    assert any(row[0] == key and message in row[1] for row in caught.value.rows)


@pytest.mark.parametrize("content", ["{", file_of(changed(rounds="5"))])
def test_a_damaged_file_is_an_error_that_names_it(tmp_path: Path, content: object) -> None:
    file = put(tmp_path, content)
    with pytest.raises(CannotRunError) as caught:
        read_results(file)
    assert caught.value.code == "bad-results"
    assert str(file) in caught.value.message


def test_the_newest_version_of_a_patch_comes_first(shelf: Path) -> None:
    old, new = changed(date="2026-03-01"), changed(patch_version=2, date="2026-02-01")
    put(shelf, file_of(old, changed(patch="toy/other"), new))
    found = measured(patch(version=2), shelf / "toy" / "quick")
    assert [row.patch_version for row in found.rows] == [2, 1]
    assert found.why_not == ""


def test_a_patch_without_a_row_says_why(shelf: Path) -> None:
    home = shelf / "toy" / "quick"
    assert measured(patch(), home).why_not == "nobody has done it yet"
    assert measured(patch(device=Device.CUDA), home).why_not == "it needs a CUDA GPU"
    put(shelf, file_of(not_measured={"toy/quick": "it needs weights"}))
    assert measured(patch(device=Device.CUDA), home).why_not == "it needs weights"


def test_what_is_for_a_gpu_is_not_measured_by_a_run_without_one(shelf: Path) -> None:
    home = shelf / "toy" / "quick"
    put(shelf, file_of(ROW))
    found = measured(patch(device=Device.CUDA), home)
    assert (len(found.rows), found.why_not) == (1, "it needs a CUDA GPU")
    put(shelf, file_of(changed(machine={**ROW["machine"], "gpu": "a GPU"})))
    assert measured(patch(device=Device.CUDA), home).why_not == ""


def test_a_patch_of_the_users_own_has_no_results(shelf: Path, tmp_path_factory: Any) -> None:
    put(shelf, file_of(ROW))
    found = measured(patch(), tmp_path_factory.mktemp("own") / "toy" / "quick")
    assert (found.rows, found.why_not) == ((), "it comes from a catalogue of your own")


def test_the_results_of_a_checkout_are_found_and_a_wheel_gets_them() -> None:
    top = Path(__file__).parents[2]
    assert results_folder() == top / "docs" / "results" / "patches"
    assert results_folder().is_dir()
    built = tomllib.loads((top / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    packaged = built["targets"]["wheel"]["force-include"]["docs/results/patches"]
    assert packaged == f"ttsopt/{RESULTS}"


def test_a_wheel_finds_them_beside_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ttsopt.catalog.results._PACKAGE", tmp_path)
    (tmp_path / RESULTS).mkdir()
    assert results_folder() == tmp_path / RESULTS
