"""Windows and macOS by construction: what can be checked on any machine (docs/platforms.md has what cannot)."""

from __future__ import annotations

import ast
import ntpath
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path, PureWindowsPath

import pytest

from ttsopt.boundary import programs, variables
from ttsopt.catalog.load import load_catalogue
from ttsopt.checkout.state import journal_format
from ttsopt.domain import typed_command
from ttsopt.editing.resolve import resolve
from ttsopt.editing.unified.file_diff import DiffError
from ttsopt.editing.unified.names import safe_path
from ttsopt.operations import patch_list

TOP = Path(__file__).parents[1]
SOURCES = sorted((TOP / "src/ttsopt").rglob("*.py"))
# Modules of Python's library that Windows does not have.
POSIX_ONLY = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "termios", "tty"}
OUTSIDE = [
    "C:/x",
    "C:x",
    "C:\\x",
    "\\x",
    "/x",
    "\\\\host\\share\\x",
    "..\\x",
    "a\\..\\..\\x",
    "../x",
]
RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?|.*[ .]|.*[<>:\"|?*\x00-\x1f].*")


def names() -> list[str]:
    """Every path of the repository; caches and environments aside."""
    if (TOP / ".git").exists():
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=TOP, capture_output=True, check=True)
        return listed.stdout.decode().rstrip("\0").split("\0")
    return [
        path.relative_to(TOP).as_posix()
        for part in ("src", "docs")
        for path in (TOP / part).rglob("*")
    ]


@pytest.mark.parametrize("path", OUTSIDE)
def test_no_path_of_a_list_leads_out_on_windows(path: str) -> None:
    assert not patch_list._is_below_top(path)


@pytest.mark.parametrize("path", OUTSIDE)
def test_no_path_of_a_journal_leads_out_on_windows(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_format, "PurePath", PureWindowsPath)
    with pytest.raises(ValueError, match="leads out"):
        journal_format._path(path)


@pytest.mark.parametrize("path", OUTSIDE)
def test_no_path_of_a_diff_leads_out_on_windows(path: str) -> None:
    with pytest.raises(DiffError):
        safe_path(path.encode(), 1)


@pytest.mark.parametrize("path", ["a/b.py", "a b/c.py", "a.b/c"])
def test_a_path_that_is_below_on_every_platform_is_taken(path: str) -> None:
    assert patch_list._is_below_top(path)
    assert safe_path(path.encode(), 1) == path


def test_no_name_of_the_repository_is_one_that_windows_cannot_have() -> None:
    parts = {part for name in names() for part in name.split("/")}
    assert [part for part in sorted(parts) if RESERVED.fullmatch(part)] == []


def test_no_two_names_of_the_repository_differ_in_case_alone() -> None:
    folders = {str(parent) for name in names() for parent in Path(name).parents}
    counts = Counter(name.casefold() for name in {*names(), *folders})
    assert [name for name, count in counts.items() if count > 1] == []


def test_no_file_that_a_patch_lays_out_has_such_a_name() -> None:
    for patch in load_catalogue().patches:
        laid_out = list(patch.helpers)
        assert [name for name in laid_out if RESERVED.fullmatch(name)] == []
        assert len({name.casefold() for name in laid_out}) == len(laid_out)


def test_git_of_the_current_folder_is_not_found_as_windows_spells_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = tmp_path / "checkout", tmp_path / "Program Files"
    for folder in (here, there):
        folder.mkdir()
        (folder / "git.exe").write_text("")
        (folder / "git.exe").chmod(0o755)
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.chdir(here)
    for path in ("", ".", str(here), os.pathsep.join(["", ".", str(here)])):
        assert programs.find_program("git", {"PATH": path}) is None
    found = programs.find_program("git", {"PATH": os.pathsep.join([str(here), f'"{there}"'])})
    assert found == there / "git.exe"


def test_a_script_is_not_taken_for_a_program_on_windows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("git.bat", "git.cmd"):
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setattr(sys, "platform", "win32")
    assert programs.find_program("git", {"PATH": str(tmp_path)}) is None


def test_variables_are_known_however_windows_spells_them() -> None:
    given = {"Path": str(TOP), "SystemRoot": r"C:\Windows", "Secret_Token": "x"}
    kept = {name for name in given if variables._may_pass(name, given[name])}
    assert kept == {"Path", "SystemRoot"}


def test_a_command_of_a_message_is_quoted_for_the_shell_of_windows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ttsopt.domain.typed_command.os.name", "nt")
    command = typed_command.typed("ttsopt", "rollback", r"C:\My Checkouts\F5-TTS")
    assert command == r'ttsopt rollback "C:\My Checkouts\F5-TTS"'
    assert ntpath.isabs(r"C:\My Checkouts\F5-TTS")


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "with a byte order mark"])
def test_an_edit_keeps_the_line_ends_of_windows(mark: bytes) -> None:
    (target,) = load_catalogue().patch("sample/folded-weight-norm").files
    path = target.paths[0]
    source = TOP / "patches/sample/checkout" / path
    raw = mark + source.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    made = resolve(path, raw, target.edits)
    for splice in sorted(made.splices, reverse=True):
        raw = raw[: splice.start] + splice.inserted + raw[splice.end :]
    assert made.splices
    assert raw.startswith(mark)
    assert raw.count(b"\n") == raw.count(b"\r\n")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(TOP / "src").as_posix())
def test_a_module_that_windows_lacks_is_imported_only_where_it_is_used(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    at_top = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    named = {alias.name for node in at_top if isinstance(node, ast.Import) for alias in node.names}
    named |= {node.module or "" for node in at_top if isinstance(node, ast.ImportFrom)}
    assert not named & POSIX_ONLY


def test_the_command_line_starts_without_what_windows_lacks() -> None:
    hidden = "".join(f"sys.modules[{name!r}] = None; " for name in sorted(POSIX_ONLY - {"posix"}))
    code = f"import sys; {hidden}sys.argv = ['ttsopt', 'list', '--json']; from ttsopt.cli.main import run; run()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_the_page_of_platforms_names_tests_that_are_there() -> None:
    page = (TOP / "docs/platforms.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(tests/[\w/.-]+)`", page))
    assert named
    assert all((TOP / name).is_file() for name in named)
