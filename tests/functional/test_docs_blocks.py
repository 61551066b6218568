"""Commands in the documents: each exists with its options, and those for the sample are run."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from cli_driver import Cli

from ttsopt.cli.main import COMMANDS, make_app

TOP = Path(__file__).parents[2]
PAGES = [
    *sorted(TOP.glob("*.md")),
    *sorted((TOP / "docs").glob("*.md")),
    TOP / "docs/guides/f5-tts.md",
]
BLOCK = re.compile(
    r"^( *)```(?:console|text|sh)( run)?[^\n]*\n(.*?)^ *```$", re.MULTILINE | re.DOTALL
)
COMMAND = re.compile(r"^ *(?:\$ )?(ttsopt .*)$", re.MULTILINE)


def typed(text: str) -> list[str]:
    found = (line.replace("\\$", "$") for line in COMMAND.findall(text))
    return [line for line in found if not line.startswith("ttsopt: ")]


def commands(page: Path, *, run: bool = False) -> Iterator[str]:
    for _, marked, text in BLOCK.findall(page.read_text(encoding="utf-8")):
        if marked or not run:
            yield from typed(text)


def told() -> list[tuple[str, str]]:
    return [(page.name, line) for page in PAGES for line in commands(page)]


RUN = [page for page in PAGES if list(commands(page, run=True))]


@pytest.mark.parametrize(("page", "line"), told())
def test_every_command_that_a_document_shows_can_be_typed(page: str, line: str) -> None:
    name, *arguments = shlex.split(line, comments=True)[1:]
    if name.startswith("-"):
        return
    assert name in COMMANDS
    group: Any = typer.main.get_command(make_app(name))
    command = group.commands[name]
    parser = command.make_parser(command.context_class(command))
    parsed, rest, _ = parser.parse_args(list(arguments))
    assert parsed is not None
    assert not [word for word in rest if word.startswith("-")]


def test_there_are_commands_to_look_at() -> None:
    assert len(told()) > 60
    assert {page.name for page in RUN} >= {"index.md", "recovery.md"}


@pytest.mark.parametrize("page", RUN, ids=lambda page: page.name)
def test_the_blocks_for_the_sample_run_one_after_the_other(
    page: Path, cli: Cli, sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for line in commands(page, run=True):
        words = shlex.split(line, comments=True)[1:]
        if words[0] == "demo":  # its own test runs it; what it leaves is what counts here
            shutil.copytree(sample, words[words.index("--keep") + 1])
            continue
        answer = cli(*words)
        assert answer.code == 0, (line, answer.err)
