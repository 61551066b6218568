"""Folders and files with names that are hard to print, hard to quote, or too long."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from all_commands import ALL, COMMANDS, Go, applied
from cli_driver import Cli
from surroundings import photograph, without_times

NAMES = {
    "newline": "line\nbreak",
    "carriage return": "back\rwards",
    "tab and blanks": "\ttab  and blanks ",
    "quotes": "\"double\" 'single' `back`",
    "shell": "$(touch hacked); rm -rf x & *?[a]{b}",
    "markup": "[red]no markup[bold]",
    "escape sequence": "\x1b]0;title\x07\x1b[31m",
    "not UTF-8": os.fsdecode(b"\xff\xfe\x80"),
    "option": "--json",
    "right to left": "\u202eabc",
    "diff header": "a\n--- a\n+++ b\n@@ -1 +1 @@\n",
    "255 bytes": "n" * 255,
    "Chinese": "语音合成",
}


@pytest.mark.parametrize("kind", NAMES)
def test_a_root_with_such_a_name(go: Go, sample: Path, kind: str) -> None:
    shutil.move(sample / "sample_tts", make_folder(sample / NAMES[kind]))
    answers = go()
    assert [row["root"] for row in answers["discover"].data["systems"]] == [NAMES[kind]]
    assert applied(answers) == ALL


@pytest.mark.parametrize("kind", NAMES)
def test_a_checkout_below_such_a_name(cli: Cli, sample: Path, tmp_path: Path, kind: str) -> None:
    checkout = sample.rename(make_folder(tmp_path / NAMES[kind]) / "it")
    before = photograph(checkout)
    for name, *arguments in COMMANDS:
        assert cli(name, checkout, *arguments, "--json").code == 0
        assert cli(name, checkout, *arguments).code == 0
    assert without_times(photograph(checkout)) == without_times(before)


@pytest.mark.parametrize("kind", NAMES)
def test_other_things_with_such_a_name(go: Go, sample: Path, kind: str) -> None:
    (make_folder(sample / NAMES[kind]) / f"{NAMES[kind][:250]}.py").touch()
    (sample / "sample_tts" / NAMES[kind]).symlink_to(NAMES[kind])
    assert applied(go()) == ALL


def make_folder(path: Path) -> Path:
    try:
        path.mkdir()
    except OSError as error:
        if error.errno not in {errno.EILSEQ, errno.EINVAL}:
            raise
        pytest.skip("this file system has no such names")
    return path


@pytest.mark.parametrize(
    ("name", "levels", "commands"),
    [("d", 1000, COMMANDS[:1]), ("d", 200, COMMANDS), ("a-long-name-" * 20, 60, COMMANDS)],
)
def test_folders_deeper_than_a_path_may_be_long(
    cli: Cli,
    sample: Path,
    tmp_path: Path,
    name: str,
    levels: int,
    commands: tuple[tuple[str, ...], ...],
) -> None:
    """A thousand levels can be entered; of the long names, no program can name the innermost."""
    package = sample.joinpath("sample_tts").rename(tmp_path / "sample_tts")
    make_deep(sample, name, levels, package)
    answers = {one: cli(one, sample, *rest, "--json") for one, *rest in commands}
    remove_deep(sample)
    assert {answer.code for answer in answers.values()} <= {0, 3, 5}
    found = [row["root"] for row in answers["discover"].data["systems"]]
    assert found == ([f"{name}/" * (levels - 1) + name] * (name == "d"))


def make_deep(top: Path, name: str, levels: int, package: Path) -> None:
    """With folders opened one from the other: a whole path could not be named."""
    handle = os.open(top, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir(name, dir_fd=handle)
        below = os.open(name, os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = below
    os.rename(package, package.name, dst_dir_fd=handle)
    os.close(handle)


def remove_deep(top: Path) -> None:
    """`rmtree` of Python 3.11 recurses; pytest's clean-up would fail."""
    subprocess.run(["rm", "-rf", str(top)], check=True)
