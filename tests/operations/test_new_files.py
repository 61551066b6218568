"""Files and folders that patch files make, and what is left of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ttsopt.domain.plan import Status
from ttsopt.editing.unified.write import unified_diff
from ttsopt.errors import UsageError
from ttsopt.operations.apply import apply
from ttsopt.operations.locate import Target
from ttsopt.operations.plan.selection import Selection
from ttsopt.operations.planning import PlanRequest
from ttsopt.operations.rollback import rollback

Toys = Any  # conftest.py of this folder


def new_file(folder: Path, name: str, path: str) -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / f"{name}.patch"
    file.write_bytes(unified_diff(path, None, b"x = 1\n"))
    return file


def apply_files(toys: Toys, *files: Path) -> None:
    assert not apply(PlanRequest(Target(toys.checkout), Selection(files=files))).refusal


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


NEW_FILE = """\
diff --git a/tool.py b/tool.py
new file mode {mode}
--- /dev/null
+++ b/tool.py
@@ -0,0 +1 @@
+x = {value}
"""


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"mode": 100644, "value": 1}, {"mode": 100644, "value": 2}),
        ({"mode": 100644, "value": 1}, {"mode": 100755, "value": 1}),
    ],
)
@pytest.mark.parametrize("at_once", [True, False])
def test_two_patches_that_lay_out_one_file_differently_conflict(
    toys: Toys, tmp_path: Path, first: dict[str, int], second: dict[str, int], *, at_once: bool
) -> None:
    own = [tmp_path / "one.patch", tmp_path / "two.patch"]
    for file, values in zip(own, (first, second), strict=True):
        file.write_text(NEW_FILE.format(**values))
    if not at_once:
        apply_files(toys, own.pop(0))
    before = toys.files()
    done = apply(PlanRequest(Target(toys.checkout), Selection(files=tuple(own))))
    row = done.planned.plan.patches[-1]
    assert (row.status, row.why, row.file) == (Status.REFUSED, "conflict", "tool.py")
    assert "it conflicts with file/one: each lays out a file of that name" in row.reason
    assert done.refusal is not None
    assert toys.files() == before


def test_two_patches_that_lay_out_the_same_file_share_it(toys: Toys, tmp_path: Path) -> None:
    own = [tmp_path / "one.patch", tmp_path / "two.patch"]
    for file in own:
        file.write_text(NEW_FILE.format(mode=100644, value=1))
    apply_files(toys, *own)
    rollback(toys.checkout, ["file/one"])
    assert (toys.checkout / "tool.py").read_text() == "x = 1\n"
    rollback(toys.checkout)
    assert not (toys.checkout / "tool.py").exists()
