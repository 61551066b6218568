"""The next command, where what was typed is nearly right."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from cli_driver import Cli, Tree


@pytest.mark.parametrize("typed", ["nfe-step", "nfe-stap", "sample/nfe-stap", "other/nfe-step"])
def test_a_typo_is_matched_within_the_systems_found(cli: Cli, sample: Path, typed: str) -> None:
    answer = cli("apply", sample, "-p", typed, "--json")
    assert (answer.code, answer.error["code"]) == (2, "unknown-patch")
    assert answer.error["hint"].startswith("Did you mean sample/nfe-step?")


def test_a_name_of_no_system_here_is_matched_there(cli: Cli, tmp_path: Path) -> None:
    for name, text in {
        "src/f5_tts/infer/utils_infer.py": "def infer_process(): ...\ndef infer_batch_process(): ...\n",
        "src/f5_tts/model/cfm.py": "class CFM: ...\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    for typed in (("-p", "nfe-step"), ("--set", "nfe-step.nfe_step=7")):
        hint = cli("apply", tmp_path, *typed, "--json").error["hint"]
        assert hint.startswith("Did you mean f5-tts/nfe-step?")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("undo", "ttsopt rollback"),
        ("uninstall", "ttsopt rollback"),
        ("help", "ttsopt --help"),
        ("install", "ttsopt apply"),
        ("benchmark", "ttsopt bench"),
    ],
)
def test_a_word_for_a_command_points_to_it(cli: Cli, typed: str, meant: str) -> None:
    answer = cli(typed, "--json")
    assert (answer.code, answer.error["code"]) == (2, "usage")
    assert answer.error["hint"] == f"`{meant}` does that."
    assert "See `ttsopt --help`." in cli("frobnicate").err


@pytest.mark.skipif(sys.platform == "win32", reason="links to interpreters")
def test_python_may_be_the_folder_of_an_environment(cli: Cli, sample: Path, tmp_path: Path) -> None:
    python = tmp_path / "env" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    answer = cli("status", "--installed", "no-such", "--python", tmp_path / "env", "--json")
    assert (answer.code, answer.error["code"]) == (5, "not-installed")
    assert f"{python} (of the environment named by --python)" in answer.error["message"]
    empty = cli("status", "--installed", "no-such", "--python", sample, "--json")
    assert (empty.code, empty.error["code"]) == (5, "python-missing")


def test_a_part_of_a_checkout_is_worked_on_as_a_whole(cli: Cli, sample: Path, tree: Tree) -> None:
    subprocess.run(["git", "init", "--quiet", str(sample)], check=True)
    before, inside = tree(sample), sample / "sample_tts"
    answer = cli("apply", inside, "--json")
    assert answer.code == 0
    assert "note: this is a part of" in answer.err
    assert tree(sample) != before
    assert cli("status", inside, "--json").data["patches"]
    cli("rollback", inside)
    assert tree(sample) == before


def test_a_folder_that_is_no_part_of_one_is_refused(cli: Cli, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    (tmp_path / "docs").mkdir()
    answer = cli("apply", tmp_path / "docs", "--json")
    assert (answer.code, answer.error["code"]) == (3, "no-system")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("ttsopt roll", ["rollback"]),
        ("ttsopt apply -p f5-tts/n", ["f5-tts/nfe-step"]),
        ("ttsopt show step-audio/tf", ["step-audio/tf32"]),
        ("ttsopt bench --effect c", ["close"]),
    ],
)
def test_a_shell_completes(sample: Path, words: str, expected: list[str]) -> None:
    variables = {
        "_TTSOPT_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
    }
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; sys.argv[0] = 'ttsopt'; from ttsopt.__main__ import run; run()",
        ],
        env=variables,
        cwd=sample,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == expected
