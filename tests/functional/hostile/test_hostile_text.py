"""Names, versions, catalogues and workers that try to write on the terminal, or to a job of CI."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from all_commands import COMMANDS
from cli_driver import Answer, Cli
from printed import EVIL, SEEN, check_printed

OTHERS = {
    "command": "::error::x",
    "old command": "##[error]x",
    "marks": "\u200e\u2067\u00ad\U000e0041",
}
ESCAPED = '"' + "".join(f"\\U{ord(one):08x}" for one in EVIL) + '"'
CATALOGUE = f"""
id = "sample/own"
version = 1
summary = {ESCAPED}
why = {ESCAPED}
effect = "exact"
device = "any"
[[claims]]
figure = {ESCAPED}
source = {ESCAPED}
[[notes]]
text = {ESCAPED}
paths = ["sample_tts/frontend.py"]
if_defined = "class Frontend"
[[files]]
paths = ["sample_tts/frontend.py"]
anchor = "class Frontend"
[[files.edits]]
in = "Frontend"
decorate = "final"
[[files.edits]]
ensure_import = "from typing import final"
"""
# Frontend is decorated with what a comment of the checkout's own follows.
SOURCE = "# \x1b[31m\u202e##[error]x\n::error::x"
SPEAK = "        samples: list[float] = []\n"
PYTHON = sys.executable


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    patch = tmp_path / "catalogue/sample/own/patch.toml"
    patch.parent.mkdir(parents=True)
    patch.write_text(CATALOGUE, "utf-8")
    return tmp_path / "catalogue"


@pytest.mark.parametrize("name", [EVIL, *OTHERS.values()], ids=["all", *OTHERS])
def test_a_checkout_of_such_names(cli: Cli, sample: Path, name: str) -> None:
    (sample / name).mkdir()
    shutil.move(sample / "sample_tts", sample / name)
    for command, *arguments in COMMANDS:
        shown = cli(command, sample, *arguments)
        assert shown.code == 0, shown
        # The diff in a file is what apply writes, and no output to look at.
        check_printed(Answer(0, "", shown.err) if command == "plan" else shown)
        check_printed(cli(command, sample, *arguments, "--json"))


def test_a_benchmark_of_such_names(
    cli: Cli, sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (sample / EVIL).mkdir()
    shutil.move(sample / "sample_tts", sample / EVIL)
    project = f'[project]\nname = "sample-tts"\nversion = {ESCAPED}\n'
    (sample / EVIL / "pyproject.toml").write_text(project, "utf-8")
    saved, report, summary = (tmp_path / name for name in ("r.json", "r.md", "summary"))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    files = ("--save", saved, "--report", report)
    answer = cli("bench", sample, "--text", "Hi.", "--rounds", "1", *files)
    assert answer.code == 0
    check_printed(answer)
    for file in (saved, report, summary):
        text = file.read_text("utf-8")
        assert "forged" in text
        check_printed(Answer(0, text, ""))


def test_what_is_seen_of_such_a_name(cli: Cli, sample: Path) -> None:
    (sample / EVIL).mkdir()
    shutil.move(sample / "sample_tts", sample / EVIL)
    shown = cli("discover", sample)
    (line,) = [line for line in shown.out.splitlines() if line.startswith("Sample TTS")]
    assert all(part in line for part in SEEN)


def test_an_error_that_names_such_a_file_has_one_line_and_one_hint(
    cli: Cli, tmp_path: Path
) -> None:
    for answer in (
        cli("compare", tmp_path / EVIL, tmp_path / EVIL),
        cli("reapply", tmp_path, "--list", tmp_path / EVIL),
        cli("plan", tmp_path, "--patch-file", tmp_path / EVIL),
        cli("show", EVIL),
        cli("new-patch", EVIL, tmp_path),
        cli("apply", tmp_path, f"--{EVIL}"),
        cli(EVIL),
    ):
        check_printed(answer)
        assert answer.code in {2, 3, 5}
        assert len(answer.err.splitlines()) == 2, answer.err


def test_a_version_of_that_kind(cli: Cli, sample: Path) -> None:
    project = f'[project]\nname = "sample-tts"\nversion = {ESCAPED}\n'
    (sample / "pyproject.toml").write_text(project, "utf-8")
    shown = cli("discover", sample)
    assert "version a\\n" in shown.out
    check_printed(shown)


def test_a_catalogue_of_that_kind(cli: Cli, sample: Path, catalogue: Path) -> None:
    own = ("--catalog", catalogue, "-p", "sample/own")
    check_printed(cli("list", "--catalog", catalogue))
    shown = cli("show", "sample/own", "--catalog", catalogue)
    assert all(part in shown.out for part in SEEN)
    check_printed(shown)
    quick = ("--text", "Hi.", "--rounds", "1")
    for command, *options in (("plan",), ("bench", *quick), ("apply",)):
        answer = cli(command, sample, *own, *options)
        assert answer.code == 0, answer
        check_printed(answer)
    check_printed(cli("status", sample, "--catalog", catalogue))


def test_a_broken_catalogue_of_that_kind(cli: Cli, sample: Path, catalogue: Path) -> None:
    (catalogue / "sample" / EVIL).mkdir()
    (catalogue / "sample" / EVIL / "patch.toml").write_text(f"id = {ESCAPED}\n{ESCAPED} = 1\n")
    for arguments in (("list", "--check"), ("plan", sample)):
        answer = cli(*arguments, "--catalog", catalogue)
        assert answer.code in {1, 5}
        assert "forged" in answer.err
        check_printed(answer)


def test_last_words_of_a_worker_of_that_kind(cli: Cli, sample: Path) -> None:
    path = sample / "sample_tts/api.py"
    last = f"        import os, sys; print({EVIL!r}, file=sys.stderr, flush=True); os._exit(3)\n"
    path.write_text(path.read_text().replace(SPEAK, last + SPEAK))
    answer = cli("bench", sample, "--text", "Hi.", "--rounds", "1")
    assert answer.code == 5
    assert r"\x3a:error::forged" in answer.err
    check_printed(answer)


def test_an_exception_of_a_worker_of_that_kind(cli: Cli, sample: Path) -> None:
    path = sample / "sample_tts/api.py"
    path.write_text(path.read_text().replace(SPEAK, f"        raise OSError({EVIL!r})\n{SPEAK}"))
    answer = cli("bench", sample, "--text", "Hi.", "--rounds", "1")
    assert answer.code == 5
    assert "forged" in answer.err
    check_printed(answer)


def plan_of_evil(sample: Path, catalogue: Path) -> list[str]:
    """A plan whose diff has lines that a terminal and a job of GitHub obey, as context and as new ones."""
    frontend = sample / "sample_tts/frontend.py"
    found = frontend.read_text("utf-8")
    assert "class Frontend" in found
    text = f'NOTE = """\n{SOURCE}"""\nclass Frontend'
    frontend.write_text(found.replace("class Frontend", text), "utf-8")
    plan = ["plan", str(sample), "--catalog", str(catalogue), "-p", "sample/own"]
    return [PYTHON, "-m", "ttsopt", *plan]


def test_a_diff_in_a_file_and_in_a_pipe_is_what_apply_writes(sample: Path, catalogue: Path) -> None:
    command = plan_of_evil(sample, catalogue)
    unset = {name: value for name, value in os.environ.items() if name != "GITHUB_ACTIONS"}
    piped = subprocess.run(command, env=unset, capture_output=True, check=True).stdout
    assert "".join(f" {line}\n" for line in f'{SOURCE}"""'.splitlines()).encode() in piped
    with (sample.parent / "own.patch").open("wb") as file:
        subprocess.run(command, env={**unset, "GITHUB_ACTIONS": "true"}, stdout=file, check=True)
    assert (sample.parent / "own.patch").read_bytes() == piped
    subprocess.run(["git", "apply", "-"], input=piped, cwd=sample, check=True)


def test_a_diff_in_the_log_of_a_job_is_escaped_and_says_so(sample: Path, catalogue: Path) -> None:
    command = plan_of_evil(sample, catalogue)
    env = {**os.environ, "GITHUB_ACTIONS": "true"}
    done = subprocess.run(command, env=env, capture_output=True, check=True)
    answer = Answer(0, done.stdout.decode(), done.stderr.decode())
    assert "\n \\x3a:error::x" in answer.out
    assert "`> FILE` has its bytes" in answer.err
    check_printed(answer)


def on_a_terminal(command: list[str], **variables: str) -> str:
    """What a command prints on a terminal, without a pager."""
    import pty  # not on Windows

    ours, theirs = pty.openpty()
    environment = {**os.environ, "PAGER": "cat", **variables}
    process = subprocess.Popen(command, stdout=theirs, stderr=subprocess.DEVNULL, env=environment)
    os.close(theirs)
    shown = b""
    try:
        while chunk := os.read(ours, 65536):
            shown += chunk
    except OSError:  # Linux says so of a terminal that nobody has open any more
        pass
    os.close(ours)
    assert process.wait() == 0
    return shown.decode().replace("\r\n", "\n")


def test_a_diff_on_a_terminal_is_escaped(sample: Path, catalogue: Path) -> None:
    command = plan_of_evil(sample, catalogue)
    plain = on_a_terminal(command, NO_COLOR="1")
    assert "\\x1b[31m\\u202e" in plain
    check_printed(Answer(0, plain, ""))
    coloured = on_a_terminal(command, NO_COLOR="")
    ours = re.compile(r"^\x1b\[3[126]m(.*)\x1b\[0m$", re.MULTILINE)
    assert ours.sub(r"\1", coloured) == plain


def test_json_in_a_log_of_a_job_is_no_command(cli: Cli, tmp_path: Path) -> None:
    answer = cli("show", EVIL, "--json")
    check_printed(answer)
    assert EVIL in json.loads(answer.out)["errors"][0]["message"].encode().decode("unicode_escape")
