from __future__ import annotations

from pathlib import Path

import pytest

from ttsopt.catalog.load import load_catalogue, read_catalogue
from ttsopt.errors import CannotRunError, RefusedError, TtsoptError, UsageError
from ttsopt.operations.authoring.cases import cases_of, missing_cases, run_case
from ttsopt.operations.authoring.check_edits import check_edits
from ttsopt.operations.authoring.new_patch import new_patch

SYSTEMS = [system.id for system in load_catalogue().systems]
OWN_SYSTEM = """
id = "mine"
name = "Mine"
homepage = ""
[[layouts]]
name = "a"
files = [{ path = "mine/core.py", defines = ["def speak", "class Voice"] }]
"""


def own_problems(folder: Path) -> list[str]:
    """Those of the one patch in a folder, its cases among them once its file is right."""
    catalogue, found = read_catalogue([folder])
    own = [one for one in found if one.file.startswith(str(folder))]
    mine = [one for one in catalogue.patches if folder in catalogue.folder_of(one.id).parents]
    rows = [f"{one.key}: {one.message}" for one in own]
    rows += [f"{key}: {message}" for one in mine for key, message in check_edits(one)]
    if rows:
        return rows
    cases = [case for one in mine for case in cases_of(catalogue, one, [folder])]
    assert len(cases) == 2
    return [message for case in cases for message in run_case(case)] + [missing_cases(cases)]


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_is_laid_out_lacks_nothing_but_the_answers(tmp_path: Path, system: str) -> None:
    made = new_patch(f"{system}/quick", tmp_path / "own")
    assert own_problems(tmp_path / "own") == [
        "summary: it still says TODO",
        "why: it still says TODO",
    ]
    patch = made.folder / "patch.toml"
    patch.write_text(patch.read_text(encoding="utf-8").replace("TODO", ""), encoding="utf-8")
    assert own_problems(tmp_path / "own") == [""]


def test_the_next_commands_name_the_folder(tmp_path: Path) -> None:
    made = new_patch("sample/quick", tmp_path)
    assert made.commands[0] == f"ttsopt list --check --catalog {tmp_path}"
    assert all("sample/quick" in command for command in made.commands[1:])
    assert set(made.files) == {
        path.relative_to(made.folder).as_posix()
        for path in made.folder.rglob("*")
        if path.is_file()
    }


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    made = new_patch("sample/quick", tmp_path)
    (made.folder / "patch.toml").write_text("mine", encoding="utf-8")
    with pytest.raises(RefusedError) as caught:
        new_patch("sample/quick", tmp_path)
    assert caught.value.code == "exists"
    assert (made.folder / "patch.toml").read_text(encoding="utf-8") == "mine"


def test_a_system_of_ones_own_is_taken_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/system.toml").write_text(OWN_SYSTEM, encoding="utf-8")
    made = new_patch("mine/quick", tmp_path)
    assert 'anchor = "def speak"' in (made.folder / "patch.toml").read_text(encoding="utf-8")
    assert len(own_problems(tmp_path)) == 2


@pytest.mark.parametrize(
    ("patch_id", "kind", "expected"),
    [
        ("quick", UsageError, "SYSTEM/NAME"),
        ("sample/Quick", UsageError, "SYSTEM/NAME"),
        ("sample/../../quick", UsageError, "SYSTEM/NAME"),
        ("simple/quick", UsageError, "there is no system 'simple'"),
        ("sample/nfe-step", UsageError, "ttsopt has a patch sample/nfe-step already"),
        ("broken/quick", CannotRunError, "system.toml: name: required field missing"),
    ],
)
def test_a_wrong_name_writes_nothing(
    tmp_path: Path, patch_id: str, kind: type[TtsoptError], expected: str
) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken/system.toml").write_text('id = "broken"\n', encoding="utf-8")
    with pytest.raises(kind) as caught:
        new_patch(patch_id, tmp_path)
    assert expected in caught.value.message
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["broken", "system.toml"]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotRunError, match="cannot write"):
        new_patch("sample/quick", tmp_path / "file")
