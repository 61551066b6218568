"""Folders and files of the checkout are exchanged while a command is at work, at every moment it looks at them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from all_commands import FRONTEND
from cli_driver import Answer, Cli
from disk_swaps import Intruder, swap, swap_back
from strange_files import as_fifo, as_folder, as_link
from surroundings import photograph, without_times

PACKAGE = "sample_tts"
MOST = 400
each_step = pytest.mark.parametrize("step", [7, pytest.param(1, marks=pytest.mark.slow)])
COMMANDS = {"apply": ("apply", "--effect", "lossy"), "rollback": ("rollback",)}


@pytest.fixture
def fresh(sample: Path, cli: Cli) -> Callable[[str], Path]:
    """Makes the checkout anew, as the command expects it."""
    shipped = shutil.copytree(sample, sample.with_name("shipped"))

    def make(command: str) -> Path:
        shutil.rmtree(sample)
        shutil.copytree(shipped, sample)
        if command == "rollback":
            assert cli(*COMMANDS["apply"], sample, "--json").code == 0
        return sample

    return make


@pytest.mark.parametrize("command", COMMANDS)
@each_step
def test_a_package_is_swapped_for_a_link_to_the_outside(
    cli: Cli, fresh: Callable[[str], Path], outside: Path, command: str, step: int
) -> None:
    around = photograph(outside)
    for at in range(0, MOST, step):
        sample = fresh(command)
        folder = sample / PACKAGE
        swapping = Intruder(lambda folder=folder: swap(folder, outside / PACKAGE), at, PACKAGE)  # type: ignore[misc]
        answer = disturbed(cli, swapping, command, sample)
        assert photograph(outside) == around, f"{command}, swapped at call {at}"
        if swapping.calls <= at:
            assert answer.code == 0
            break
        assert answer.code in {0, 3, 5}
        swap_back(folder)
        check_way_back(cli, sample)
    assert 10 < at < MOST - step


@pytest.mark.parametrize("kind", ["fifo", "folder", "link"])
@pytest.mark.parametrize("command", COMMANDS)
@each_step
def test_a_file_becomes_something_else(
    cli: Cli, fresh: Callable[[str], Path], outside: Path, command: str, kind: str, step: int
) -> None:
    makers = {"fifo": as_fifo, "folder": as_folder, "link": as_link(str(outside / FRONTEND))}
    around = photograph(outside)
    for at in range(0, MOST, step):
        sample = fresh(command)
        file, mine = sample / FRONTEND, sample / "frontend.py.mine"

        def exchange(file: Path = file, mine: Path = mine) -> None:
            file.rename(mine)
            makers[kind](file)

        exchanging = Intruder(exchange, at, file.name)
        answer = disturbed(cli, exchanging, command, sample)
        assert photograph(outside) == around, f"{command}, {kind} at call {at}"
        if exchanging.calls <= at:
            assert answer.code == 0
            break
        assert answer.code in {0, 3, 5}
        # Between the last look and the rename nobody can look; what was there then is gone, as with any editor.
        if not file.is_file() or file.is_symlink():
            file.rmdir() if kind == "folder" else file.unlink()
            mine.rename(file)
        else:
            mine.unlink()
        check_way_back(cli, sample)
    assert 3 < at < MOST - step


def disturbed(cli: Cli, intruder: Intruder, command: str, sample: Path) -> Answer:
    name, *options = COMMANDS[command]
    with pytest.MonkeyPatch.context() as patch:
        intruder.enter(patch)
        return cli(name, sample, *options, "--json")


def check_way_back(cli: Cli, sample: Path) -> None:
    """Whatever the disturbed command did, rollback gives the tree as it was shipped."""
    answer = cli("rollback", sample, "--json")
    assert answer.code == 0, answer
    shipped = sample.with_name("shipped")
    assert without_times(photograph(sample)) == without_times(photograph(shipped))
