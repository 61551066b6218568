"""Every error: its exit code, its word, the next step, and the checkout untouched."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from cli_driver import Cli, Tree

from ttsopt.checkout import transaction
from ttsopt.checkout.fs import files
from ttsopt.checkout.fs.swap import Written

SAMPLE = ("sample_tts/vocoder.py", "weight = weight_norm(self.directions, self.gains)")


@pytest.mark.parametrize("command", ["discover", "plan", "apply", "status", "rollback", "bench"])
def test_a_folder_that_is_none(cli: Cli, tmp_path: Path, command: str) -> None:
    file = tmp_path / "file"
    file.write_text("")
    for directory, what in ((tmp_path / "nowhere", "does not exist"), (file, "is a file")):
        answer = cli(command, directory, "--json")
        assert (answer.code, answer.error["code"]) == (2, "not-a-directory")
        assert what in answer.error["message"]
        assert answer.error["hint"]


@pytest.mark.parametrize("command", ["plan", "apply", "bench"])
def test_no_system(cli: Cli, tmp_path: Path, command: str) -> None:
    answer = cli(command, tmp_path, "--json")
    assert (answer.code, answer.envelope["status"]) == (3, "refused")
    assert answer.error["code"] == "no-system"
    assert "f5-tts" in answer.error["hint"]


def test_several_roots_and_none_chosen(cli: Cli, sample: Path, tmp_path: Path, tree: Tree) -> None:
    shutil.copytree(sample, tmp_path / "other")
    before = tree(tmp_path)
    answer = cli("apply", tmp_path, "--json")
    assert (answer.code, answer.error["code"]) == (3, "several-roots")
    assert "--root sample" in answer.error["message"]
    assert "--root other" in answer.error["message"]
    assert tree(tmp_path) == before
    assert cli("apply", tmp_path, "--root", "other", "--json").data["applied"][0]["root"] == "other"
    roots = {row["root"] for row in cli("apply", tmp_path, "--all-roots", "--json").data["applied"]}
    assert roots == {"sample"}
    assert cli("rollback", tmp_path, "--json").code == 0
    assert tree(tmp_path) == before


def test_a_root_that_is_not_there(cli: Cli, sample: Path) -> None:
    answer = cli("apply", sample, "--root", "vendor", "--json")
    assert (answer.code, answer.error["code"]) == (3, "no-such-root")


def test_a_system_that_is_not_known(cli: Cli, sample: Path) -> None:
    answer = cli("apply", sample, "--system", "tacotron", "--json")
    assert (answer.code, answer.error["code"]) == (2, "unknown-system")


def test_a_file_that_does_not_parse(cli: Cli, sample: Path, tree: Tree) -> None:
    with (sample / "sample_tts/vocoder.py").open("a") as file:
        file.write("def broken(:\n")
    before = tree(sample)
    (refused,) = cli("apply", sample, "--json").data["refused"]
    assert (refused["patch"], refused["why"]) == ("sample/folded-weight-norm", "unparsable")
    line = len((sample / "sample_tts/vocoder.py").read_text().splitlines())
    assert (refused["file"], refused["line"]) == ("sample_tts/vocoder.py", line)
    cli("rollback", sample)
    named = cli("apply", sample, "-p", "sample/folded-weight-norm", "--json")
    assert (named.code, named.error["code"]) == (3, "patch-refused")
    strict = cli("apply", sample, "--strict", "--json")
    assert (strict.code, strict.data["applied"]) == (3, [])
    assert tree(sample) == before


def test_a_file_that_is_too_large_to_be_source(cli: Cli, sample: Path, tree: Tree) -> None:
    with (sample / "sample_tts/frontend.py").open("ab") as file:
        file.truncate(17 * 1024 * 1024)
    before = tree(sample)
    answer = cli("apply", sample, "--json")
    assert (answer.code, answer.error["code"]) == (5, "too-large")
    assert tree(sample) == before


def test_a_construct_that_is_not_as_expected(cli: Cli, sample: Path, tree: Tree) -> None:
    path = sample / "sample_tts/acoustic.py"
    path.write_text(path.read_text().replace("NFE_STEP = 32", "NFE_STEP = 12"))
    before = tree(sample)
    answer = cli("apply", sample, "-p", "sample/nfe-step", "--effect", "lossy", "--json")
    (refused,) = answer.data["refused"]
    assert (answer.code, refused["why"], refused["file"]) == (
        3,
        "mismatch",
        "sample_tts/acoustic.py",
    )
    assert "12" in refused["message"]
    assert refused["hint"]
    assert tree(sample) == before


def test_a_patch_that_is_not_known(cli: Cli, sample: Path) -> None:
    answer = cli("apply", sample, "-p", "sample/nfe-steps", "--json")
    assert (answer.code, answer.error["code"]) == (2, "unknown-patch")
    assert "sample/nfe-step?" in answer.error["hint"]


def test_a_patch_of_another_system(cli: Cli, sample: Path) -> None:
    answer = cli("apply", sample, "-p", "f5-tts/nfe-step", "--json")
    assert (answer.code, answer.error["code"]) == (2, "other-system")


def test_a_lossy_patch_that_is_named_but_not_allowed(cli: Cli, sample: Path, tree: Tree) -> None:
    before = tree(sample)
    answer = cli("apply", sample, "-p", "sample/nfe-step", "--json")
    assert (answer.code, answer.error["hint"]) == (3, "Allow it with --effect lossy.")
    assert tree(sample) == before


@pytest.mark.parametrize(
    ("setting", "code"),
    [
        ("nonsense", "bad-setting"),
        ("sample/nfe-step.steps=7", "unknown-parameter"),
        ("sample/nfe-step.nfe_step=0", "bad-value"),
        ("sample/nfe-step.nfe_step=many", "bad-value"),
        ("sample/nothing.x=1", "unknown-patch"),
        ("f5-tts/nfe-step.nfe_step=7", "other-system"),
    ],
)
def test_a_setting_that_does_not_fit(cli: Cli, sample: Path, setting: str, code: str) -> None:
    answer = cli("apply", sample, "--set", setting, "--json")
    assert (answer.code, answer.error["code"]) == (2, code)


def test_taking_out_what_is_not_applied(cli: Cli, sample: Path) -> None:
    answer = cli("rollback", sample, "-p", "sample/nfe-step", "--json")
    assert (answer.code, answer.error["code"]) == (2, "not-applied")


def test_wrong_use_of_the_command_line_is_json_too(cli: Cli) -> None:
    answer = cli("apply", "--no-such-option", "--json")
    assert (answer.code, answer.envelope["command"], answer.error["code"]) == (2, "apply", "usage")


@pytest.mark.parametrize(
    ("content", "code"), [("{", "damaged-journal"), ('{"schema": 99}', "newer-journal")]
)
def test_a_journal_that_cannot_be_read_is_never_taken_for_none(
    cli: Cli, sample: Path, tree: Tree, content: str, code: str
) -> None:
    cli("apply", sample)
    (sample / ".ttsopt/journal.json").write_text(content)
    before = tree(sample)
    for command in ("status", "apply", "rollback", "plan"):
        answer = cli(command, sample, "--json")
        assert (answer.code, answer.error["code"]) == (3, code)
    assert tree(sample) == before


def test_a_defect_is_told_as_one(cli: Cli, sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError("made for this test")

    monkeypatch.setattr("ttsopt.operations.status.open_checkout", broken)
    answer = cli("status", sample, "--json")
    assert (answer.code, answer.error["code"]) == (70, "defect")
    assert "made for this test" in answer.error["message"]
    assert "in broken" in answer.err
    for fact in (f"ttsopt {version('ttsopt')}", platform.python_version(), platform.system()):
        assert fact in answer.err
    assert answer.error["hint"].startswith("Please report it, with the lines above: ")


def test_an_interruption_leaves_the_checkout_whole(
    cli: Cli, sample: Path, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tree(sample)
    written: list[Path] = []

    def interrupted(path: Path, *arguments: Any) -> Written:
        written.append(path)
        if len(written) == 2:
            raise KeyboardInterrupt
        return files.write_file(path, *arguments)

    monkeypatch.setattr(transaction, "write_file", interrupted)
    answer = cli("apply", sample, "--json")
    assert (answer.code, answer.error["code"]) == (130, "interrupted")
    assert tree(sample) == before


def test_rollback_in_one_copy_leaves_the_other_as_it_is(
    cli: Cli, sample: Path, tmp_path: Path, tree: Tree
) -> None:
    other = tmp_path / "other"
    shutil.copytree(sample, other)
    (tmp_path / ".git").mkdir()
    cli("apply", tmp_path, "--all-roots")
    patched = tree(other)
    undone = cli("rollback", sample, "--json")
    assert {row["root"] for row in undone.data["rolled_back"]} == {"."}
    assert {row["root"] for row in undone.data["remaining"]} == {"../other"}
    assert tree(other) == patched
    shutil.rmtree(other)
    assert cli("rollback", tmp_path, "--json").error["code"] == "unreachable"
    assert cli("rollback", tmp_path, "--force", "--json").code == 0
    assert not (tmp_path / ".ttsopt").exists()


def test_a_part_of_a_checkout_stands_for_the_whole(cli: Cli, tmp_path: Path) -> None:
    for name, text in {
        "src/f5_tts/infer/utils_infer.py": "def infer_process(): ...\ndef infer_batch_process(): ...\n",
        "src/f5_tts/model/cfm.py": "class CFM: ...\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    for command in ("plan", "list", "apply"):
        answer = cli(command, tmp_path / "src", "--json")
        assert {row["root"] for row in answer.data["skipped"] + answer.data["absent"]} == {"."}
        assert f"note: this is a part of {tmp_path}" in answer.err
    refused = cli("rollback", tmp_path / "src" / "gone", "--json")
    assert refused.error["code"] == "not-a-directory"


def test_a_copy_that_keeps_its_own_record_is_not_patched_from_above(cli: Cli, sample: Path) -> None:
    cli("apply", sample)
    answer = cli("apply", sample.parent, "--json")
    assert (answer.code, answer.error["code"]) == (3, "own-state")


def test_output_that_cannot_be_printed_is_no_failed_gate() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "ttsopt", "list"],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 5
    assert b"Traceback" not in done.stderr
