"""On a file system that does not tell upper from lower case, which is made here of a careful look-up."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ttsopt.checkout.fs.spelling import spelled_on_disk


@pytest.fixture
def top(tmp_path: Path) -> Path:
    for path in ("Package/Helper.py", "Package/other.py", "Package/42"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).touch()
    return tmp_path


@pytest.fixture
def blind(top: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`top` where cases are all one: a name is there when it is in any spelling."""

    def is_there(path: Path) -> bool:
        known = {one.as_posix().casefold() for one in (top, *top.rglob("*"))}
        return path.as_posix().casefold() in known

    real = os.listdir

    def names(path: Path) -> list[str]:
        alike = [
            one for one in (top, *top.rglob("*")) if str(one).casefold() == str(path).casefold()
        ]
        return real(alike[0])

    monkeypatch.setattr(os.path, "lexists", is_there)
    monkeypatch.setattr(os, "listdir", names)
    return top


@pytest.mark.parametrize(
    ("asked", "spelled"),
    [
        ("Package/Helper.py", "Package/Helper.py"),
        ("Package/helper.py", "Package/Helper.py"),
        ("PACKAGE/OTHER.PY", "Package/other.py"),
        ("package/42", "Package/42"),
        ("package/New.py", "Package/New.py"),
        ("New/helper.py", "New/helper.py"),
    ],
)
def test_a_path_is_spelled_as_on_the_disk(blind: Path, asked: str, spelled: str) -> None:
    assert spelled_on_disk(blind, asked) == spelled


def test_where_cases_are_told_apart_a_path_is_what_it_is(top: Path) -> None:
    if (top / "package").exists():
        pytest.skip("this file system does not tell them apart")
    (top / "Package/helper.py").touch()
    for path in (
        "Package/Helper.py",
        "Package/helper.py",
        "package/helper.py",
        "Package/HELPER.py",
    ):
        assert spelled_on_disk(top, path) == path
