"""Files by a pattern: which fit, in which order, and what is not entered."""

from __future__ import annotations

import fnmatch
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttsopt.discovery.walk import files_matching, files_named
from ttsopt.errors import CannotRunError


def lay(top: Path, *paths: str) -> Path:
    for path in paths:
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).touch()
    return top


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("**/cli/frontend.py", ("cli/frontend.py", "a/b/cli/frontend.py", "a/cli/frontend.py")),
        ("*/cli/frontend.py", ("a/cli/frontend.py",)),
        ("a/**/frontend.py", ("a/frontend.py", "a/b/cli/frontend.py", "a/cli/frontend.py")),
        ("a/**/**/cli/*.py", ("a/b/cli/frontend.py", "a/cli/frontend.py")),
        ("a/cli/frontend.py", ("a/cli/frontend.py",)),
        ("a/**/front*.py", ("a/frontend.py", "a/b/cli/frontend.py", "a/cli/frontend.py")),
        ("*.toml", ("one.toml", "two.toml")),
        ("**/*.toml", ("one.toml", "two.toml")),
        ("nowhere/**/x.py", ()),
        ("**/frontend", ()),
        ("**/CLI/frontend.py", ()),
        ("**/li/frontend.py", ()),
        ("**/frontend?py", ()),
    ],
)
def test_what_a_pattern_stands_for(tmp_path: Path, pattern: str, found: tuple[str, ...]) -> None:
    lay(tmp_path, "two.toml", "one.toml", "cli/frontend.py", "cli/frontendXpy", "cli/frontend.pyc")
    lay(tmp_path, "a/frontend.py", "a/b/cli/frontend.py", "a/cli/frontend.py")
    assert sorted(files_matching(tmp_path, pattern)) == sorted(found)


def test_a_folders_files_come_before_those_below_it(tmp_path: Path) -> None:
    lay(tmp_path, "b/x.py", "a/z/x.py", "a/b/x.py", "a/x.py", "x.py")
    assert files_matching(tmp_path, "**/x.py") == (
        "x.py",
        "a/x.py",
        "a/b/x.py",
        "a/z/x.py",
        "b/x.py",
    )


@pytest.mark.parametrize(
    "path",
    [
        ".git/x/TTS.py",
        "backend/node_modules/TTS.py",
        "backend_backup/x/TTS.py",
        "backend/x.bak/TTS.py",
        "backend/env/TTS.py",
        "backend/conda/TTS.py",
    ],
)
@pytest.mark.parametrize("pattern", ["**/TTS.py", "*/*/TTS.py", "backend/**/TTS.py"])
def test_what_is_not_entered(tmp_path: Path, path: str, pattern: str) -> None:
    lay(tmp_path, "backend/env/pyvenv.cfg", "backend/conda/conda-meta/history", path)
    (tmp_path / "backend/link").symlink_to("real")
    lay(tmp_path, "backend/real/TTS.py")
    (tmp_path / "backend/real/linked.py").symlink_to("TTS.py")
    assert files_matching(tmp_path, pattern) == ("backend/real/TTS.py",)
    assert files_matching(tmp_path, "**/linked.py") == ()


def test_a_folder_of_that_name_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "a" / "TTS.py").mkdir(parents=True)
    os.mkfifo(tmp_path / "TTS.py")
    assert files_matching(tmp_path, "**/TTS.py") == ()


def test_a_root_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(CannotRunError, match="cannot be read"):
        list(files_named(tmp_path / "nowhere", {"x"}))


NAMES = st.sampled_from(["a", "b", "ab", "x.py", "y\nz", "é"])
PATTERNS = st.lists(st.sampled_from(["**", "*", "a*", "*b", "a", "é"]), max_size=3)


@given(st.lists(NAMES, min_size=1, max_size=4), PATTERNS, st.sampled_from(["*.py", "x.py", "*"]))
def test_one_path_fits_as_segment_by_segment(
    tmp_path_factory: pytest.TempPathFactory, parts: list[str], folders: list[str], last: str
) -> None:
    top = lay(tmp_path_factory.mktemp("walk"), "/".join(parts))
    found = files_matching(top, "/".join([*folders, last]))
    assert found == ("/".join(parts),) * fits(parts, [*folders, last])


def fits(parts: list[str], pattern: list[str]) -> bool:
    """The meaning of a pattern, written another way."""
    if not pattern or not parts:
        return not pattern and not parts
    if pattern[0] == "**":
        return any(fits(parts[skip:], pattern[1:]) for skip in range(len(parts)))
    return fnmatch.fnmatchcase(parts[0], pattern[0]) and fits(parts[1:], pattern[1:])
