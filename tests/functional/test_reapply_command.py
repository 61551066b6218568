"""reapply, status --check and status --save: from one version of a checkout to the next."""

from __future__ import annotations

import os
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
from cli_driver import Answer, Cli, Tree
from git_command import commit_all, git

NFE = ("-p", "sample/nfe-step", "--effect", "lossy", "--set", "sample/nfe-step.nfe_step=5")
VOCODER = "sample_tts/vocoder.py"
# By way of versions in which the code moved on: 0.6.2 is the first, 1.1.5 brought EPSS.
F5_RELEASES = ["0.6.2", "1.0.0", "1.0.8", "1.1.0", "1.1.5", "1.1.9", "1.1.15", "1.1.20"]


def parameters(answer: Answer, kind: str = "applied") -> dict[str, dict[str, Any]]:
    return {row["patch"]: row["parameters"] for row in answer.data[kind]}


def move_on(checkout: Path) -> None:
    """Every file of the next version has a line more at its top."""
    for path in (checkout / "sample_tts").glob("*.py"):
        path.write_bytes(b"# version 2\n" + path.read_bytes())


def test_rollback_the_next_version_reapply(cli: Cli, sample: Path, tree: Tree) -> None:
    cli("apply", sample)
    cli("apply", sample, *NFE)
    before = parameters(cli("status", sample, "--json"), "patches")
    cli("rollback", sample)
    move_on(sample)
    upstream = tree(sample)
    again = cli("reapply", sample, "--json")
    assert (again.code, again.data["source"], again.data["unknown"]) == (0, "remembered", [])
    assert parameters(again) == before == parameters(cli("status", sample, "--json"), "patches")
    assert before["sample/nfe-step"] == {"nfe_step": 5}
    cli("rollback", sample)
    assert tree(sample) == upstream


def test_a_list_in_the_users_own_repository(
    cli: Cli, sample: Path, tree: Tree, tmp_path: Path
) -> None:
    mine = tmp_path / "service" / "tts-patches.toml"
    clone = shutil.copytree(sample, tmp_path / "clone")
    cli("apply", sample, *NFE)
    assert cli("status", sample, "--save", mine).code == 0
    first = mine.read_bytes()
    assert tomllib.loads(first.decode())["patches"] == [
        {"id": "sample/nfe-step", "version": 1, "root": ".", "parameters": {"nfe_step": 5}}
    ]
    answer = cli("reapply", clone, "--list", mine, "--json")
    assert (answer.code, answer.data["source"]) == (0, "list")
    assert tree(clone) == tree(sample)
    cli("status", clone, "--save", mine)
    assert mine.read_bytes() == first


def test_what_no_longer_fits_is_left_out_or_refused(cli: Cli, sample: Path, tree: Tree) -> None:
    wanted = len(cli("apply", sample, "--json").data["applied"])
    cli("rollback", sample)
    vocoder = sample / VOCODER
    vocoder.write_text(vocoder.read_text().replace("class NormedBank", "class Bank"))
    left = tree(sample)
    strict = cli("reapply", sample, "--strict", "--json")
    assert (strict.code, strict.envelope["status"], strict.error["code"]) == (
        3,
        "refused",
        "patch-refused",
    )
    assert "sample/folded-weight-norm" in strict.error["message"]
    assert strict.data["applied"] == []
    assert tree(sample) == left
    said = cli("reapply", sample)
    assert said.code == 0
    assert "sample/folded-weight-norm  absent" in said.out
    *_, last = said.out.splitlines()
    assert last == f"1 of {wanted} are not applied any more: sample/folded-weight-norm"
    assert tree(sample)[VOCODER] == left[VOCODER]
    assert tree(sample) != left


def test_an_unknown_patch_is_told(cli: Cli, sample: Path, tmp_path: Path) -> None:
    listed = tmp_path / "list.toml"
    listed.write_text(
        'schema = 1\n[[patches]]\nid = "sample/gone"\nversion = 1\nroot = "."\n'
        '[[patches]]\nid = "file/mine"\nversion = 1\nroot = "."\n'
        '[[patches]]\nid = "sample/nfe-step"\nversion = 1\nroot = "old"\n'
    )
    answer = cli("reapply", sample, "--list", listed, "--json")
    assert answer.code == 0
    assert {row["patch"]: row["why"] for row in answer.data["unknown"]} == {
        "sample/gone": "unknown-patch",
        "file/mine": "patch-file",
        "sample/nfe-step": "no-root",
    }
    said = cli("reapply", sample, "--list", listed).out
    assert "! sample/nfe-step at old  left out: no sample at old any more" in said
    assert cli("reapply", sample, "--list", listed, "--strict").code == 3


def test_wrong_lists_and_none_at_all(cli: Cli, sample: Path, tmp_path: Path) -> None:
    assert cli("reapply", sample, "--json").error["code"] == "nothing-to-reapply"
    listed = tmp_path / "list.toml"
    listed.write_text("schema = 1\n[[patches]]\n")
    wrong = cli("reapply", sample, "--list", listed, "--json")
    assert (wrong.code, wrong.error["code"]) == (2, "bad-list")
    assert "patches[0].root" in wrong.error["message"]
    listed.write_text("")
    empty = cli("reapply", sample, "--list", listed, "--json")
    assert (empty.code, empty.error["message"].endswith("it is empty")) == (2, True)


def test_a_dry_run_says_what_would_be_done(cli: Cli, sample: Path, tree: Tree) -> None:
    cli("apply", sample)
    cli("rollback", sample)
    before = tree(sample)
    said = cli("reapply", sample, "--dry-run")
    assert "what was applied last:" in said.out
    assert "sample/folded-weight-norm  would apply" in said.out
    assert tree(sample) == before


def test_status_check_fails_where_something_is_not_as_it_was_left(cli: Cli, sample: Path) -> None:
    commit_all(sample)
    assert cli("status", sample, "--check").code == 0
    cli("apply", sample)
    assert cli("status", sample, "--check").code == 0
    git(sample, "stash", "-q", "--", VOCODER)
    failed = cli("status", sample, "--check", "--json")
    assert (failed.code, failed.envelope["status"], failed.error["code"]) == (
        1,
        "failed",
        "drifted",
    )
    assert f"{VOCODER}: drifted" in failed.error["message"]
    assert [(row["patch"], row["prospect"]) for row in failed.data["gone"]] == [
        ("sample/folded-weight-norm", "reappliable")
    ]
    assert cli("status", sample).code == 0
    assert f"`ttsopt reapply {sample}` puts in again what is gone" in cli("status", sample).out
    assert cli("reapply", sample).code == 0
    assert cli("status", sample, "--check").code == 0


def test_status_after_git_clean_reads_the_copy(cli: Cli, sample: Path) -> None:
    commit_all(sample)
    cli("apply", sample)
    assert cli("status", sample, "--json").data["state"] == ".ttsopt"
    git(sample, "clean", "-fdxq")
    failed = cli("status", sample, "--check", "--json")
    assert (failed.code, failed.data["state"]) == (1, "copy")
    assert ".ttsopt: gone" in failed.error["message"]
    assert "is gone; this is read from" in cli("status", sample).out
    cli("rollback", sample)
    assert cli("status", sample, "--json").data["state"] == "none"
    assert git(sample, "status", "--short") == ""


def test_there_is_no_list_to_save_of_nothing(cli: Cli, sample: Path, tmp_path: Path) -> None:
    answer = cli("status", sample, "--save", tmp_path / "list.toml", "--json")
    assert (answer.code, answer.error["code"]) == (3, "nothing-applied")
    assert not (tmp_path / "list.toml").exists()


def test_the_heading_says_what_is_true_of_the_files(cli: Cli, sample: Path) -> None:
    commit_all(sample)
    cli("apply", sample)
    assert "what is applied now:" in cli("reapply", sample).out
    git(sample, "stash", "-q", "--", VOCODER)
    assert "what is applied now, or was last:" in cli("reapply", sample, "--dry-run").out
    git(sample, "reset", "-q", "--hard")
    said = cli("reapply", sample)
    assert "what was applied, and is gone from its files:" in said.out
    assert "not applied" not in said.out


def test_status_promises_no_more_than_rollback_does(cli: Cli, sample: Path) -> None:
    cli("apply", sample)
    vocoder = sample / VOCODER
    patched = vocoder.read_text()
    vocoder.write_text(patched + "# mine\n")
    assert "`ttsopt rollback` keeps what was changed" in cli("status", sample).out
    assert cli("status", sample, "--json").data["stuck"] == []
    lines = patched.splitlines(keepends=True)
    original = sample_lines(cli, sample, vocoder, patched)
    ours = next(at for at, line in enumerate(lines) if line.strip() and line not in original)
    lines[ours] = lines[ours].replace("\n", "  # mine\n")
    vocoder.write_text("".join(lines))
    said = cli("status", sample).out
    assert "`ttsopt rollback` would refuse: line" in said
    assert "`--force`" in said
    (stuck,) = cli("status", sample, "--json").data["stuck"]
    assert stuck["path"] == VOCODER
    assert cli("rollback", sample).code == 3


def sample_lines(cli: Cli, sample: Path, path: Path, patched: str) -> list[str]:
    """The lines of a file before any patch."""
    path.write_text(patched)
    cli("rollback", sample)
    lines = path.read_text().splitlines(keepends=True)
    cli("reapply", sample)
    return lines


@pytest.mark.upstream
@pytest.mark.parametrize("undo", ["rollback", "stash", "force"])
def test_f5_tts_from_release_to_release(cli: Cli, tree: Tree, tmp_path: Path, undo: str) -> None:
    """The same patch with the same number of steps on eight releases, whichever way the next one came."""
    folder = os.environ.get("TTSOPT_UPSTREAMS")
    if not folder:
        pytest.skip("TTSOPT_UPSTREAMS names no folder of upstream repositories")
    checkout = tmp_path / "F5-TTS"
    git(tmp_path, "clone", "-q", str(Path(folder).resolve() / "F5-TTS"), str(checkout))
    git(checkout, "checkout", "-q", F5_RELEASES[0])
    nfe = ("-p", "f5-tts/nfe-step", "--set", "f5-tts/nfe-step.nfe_step=9")
    assert cli("apply", checkout, *nfe, "--effect", "lossy").code == 0
    for release in F5_RELEASES[1:]:
        if undo == "rollback":
            assert cli("rollback", checkout).code == 0
        if undo == "stash":
            git(checkout, "stash", "-q")
        git(checkout, "checkout", "-q", *(["-f"] * (undo == "force")), release)
        assert git(checkout, "status", "--short") == ""
        upstream = tree(checkout)
        again = cli("reapply", checkout, "--strict", "--json")
        assert again.code == 0
        assert again.data["source"] == ("remembered" if undo == "rollback" else "applied")
        assert parameters(again) == {"f5-tts/nfe-step": {"nfe_step": 9}}
        assert cli("status", checkout, "--check").code == 0
        cli("rollback", checkout)
        assert tree(checkout) == upstream
        cli("reapply", checkout)
