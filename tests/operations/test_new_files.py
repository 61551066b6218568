"""Files and folders that patch files make, and what is left of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ttsopt.editing.unified.write import unified_diff
from ttsopt.errors import UsageError
from ttsopt.operations.apply import apply
from ttsopt.operations.locate import Target
from ttsopt.operations.plan.choice import Choice
from ttsopt.operations.planning import PlanRequest
from ttsopt.operations.rollback import rollback

Toys = Any  # conftest.py of this folder


def new_file(folder: Path, name: str, path: str) -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / f"{name}.patch"
    file.write_bytes(unified_diff(path, None, b"x = 1\n"))
    return file


def apply_files(toys: Toys, *files: Path) -> None:
    assert not apply(PlanRequest(Target(toys.checkout), Choice(files=files))).refusal


@pytest.mark.parametrize("order", [["one", "two"], ["two", "one"]])
def test_the_last_patch_takes_the_folders_with_it(
    toys: Toys, tmp_path: Path, order: list[str]
) -> None:
    for name in ("one", "two"):
        apply_files(toys, new_file(tmp_path / "own", name, f"deep/er/{name}.py"))
    rollback(toys.checkout, [f"file/{order[0]}"])
    assert [path.stem for path in (toys.checkout / "deep").rglob("*.py")] == [order[1]]
    rollback(toys.checkout)
    assert not (toys.checkout / "deep").exists()


def test_the_folder_of_a_file_that_somebody_deleted_goes_too(toys: Toys, tmp_path: Path) -> None:
    apply_files(toys, new_file(tmp_path / "own", "one", "deep/er/one.py"))
    (toys.checkout / "deep" / "er" / "one.py").unlink()
    rollback(toys.checkout)
    assert not (toys.checkout / "deep").exists()


def test_a_folder_with_something_of_the_users_stays(toys: Toys, tmp_path: Path) -> None:
    apply_files(toys, new_file(tmp_path / "own", "one", "deep/er/one.py"))
    (toys.checkout / "deep" / "mine.txt").write_bytes(b"mine")
    rollback(toys.checkout)
    assert [path.name for path in (toys.checkout / "deep").iterdir()] == ["mine.txt"]


def test_of_two_patch_files_of_one_name_none_is_lost_unsaid(toys: Toys, tmp_path: Path) -> None:
    one = new_file(tmp_path / "own", "same", "one.py")
    other = new_file(tmp_path / "other", "same", "two.py")
    before = toys.files()
    with pytest.raises(UsageError) as caught:
        apply_files(toys, one, other)
    assert caught.value.code == "same-name"
    assert toys.files() == before
