"""State that somebody else wrote, or may have written: nothing of it is acted upon, and nothing is hidden."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from all_commands import FRONTEND
from cli_driver import Answer, Cli, Tree
from forged_state import as_of_schema, forge, plant
from git_command import commit_all, git
from surroundings import photograph

WRITING = (("apply",), ("rollback",), ("reapply",), ("restore",))
READING = (
    ("plan",),
    ("list",),
    ("bench", "--rtf"),
    ("bench", "--rtf", "--aa"),
    ("status", "--check"),
)
TOOL = "tool.sh"
BEFORE, AFTER = b"#!/bin/sh\necho theirs\n", b"#!/bin/sh\necho ours\n"


as_root = pytest.mark.skipif(
    os.name == "nt" or os.geteuid() != 0, reason="only root gives files away"
)
ALICE, MALLORY = 54321, 54322


def as_somebody_else(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setenv("TTSOPT_STATE_HOME", str(home))


def foreign(answer: Answer) -> bool:
    return answer.code == 3 and answer.error["code"] == "foreign-state"


def assert_refused_by_all(cli: Cli, checkout: Path) -> str:
    """No command acts upon the state, and none says that nothing is applied; gives the digest."""
    before = photograph(checkout)
    for command, *options in WRITING + READING:
        answer = cli(command, checkout, *options, "--json")
        assert foreign(answer), (command, answer)
    shown = cli("status", checkout, "--json")
    assert (shown.code, shown.data["state"]) == (0, "foreign")
    digest = shown.data["foreign"]["digest"]
    text = cli("status", checkout).out
    assert digest in text
    assert "nothing is applied" not in text
    assert photograph(checkout) == before
    return str(digest)


# Found by the audit: in a shared folder, one user got a setuid-root binary into another's checkout.


def test_state_planted_above_gits_top_level_is_not_used(cli: Cli, sample: Path, tree: Tree) -> None:
    (sample / TOOL).write_bytes(AFTER)
    commit_all(sample)
    plant(sample.parent, f"sample/{TOOL}", before=BEFORE, after=AFTER, mode=0o4755)
    applied = cli("apply", sample, "--json")
    assert applied.code == 0
    assert (applied.data["recovered"], (sample / TOOL).read_bytes()) == ([], AFTER)
    assert str(sample.parent / ".ttsopt") in applied.err
    shown = cli("status", sample, "--json").data
    assert (shown["top"], shown["unused"]) == (str(sample), str(sample.parent))


def test_state_planted_in_a_shared_parent_without_git_is_not_used(cli: Cli, sample: Path) -> None:
    (sample / TOOL).write_bytes(AFTER)
    plant(sample.parent, f"sample/{TOOL}", before=BEFORE, after=AFTER, mode=0o4755)
    assert str(sample.parent / ".ttsopt") in cli("restore", sample).err
    assert cli("apply", sample, "--json").data["recovered"] == []
    assert (sample / TOOL).read_bytes() == AFTER
    assert (sample / ".ttsopt").is_dir()


def give(path: Path, user: int) -> None:
    for one in (path, *path.rglob("*")):
        os.chown(one, user, -1, follow_symlinks=False)


@as_root
def test_a_repository_that_another_user_laid_around_a_folder_is_not_its_top(
    cli: Cli, sample: Path
) -> None:
    (sample / TOOL).write_bytes(AFTER)
    git(sample.parent, "init", "-q")
    plant(sample.parent, f"sample/{TOOL}", before=BEFORE, after=AFTER, mode=0o4755)
    for name in (".git", ".ttsopt"):
        give(sample.parent / name, MALLORY)
    applied = cli("apply", sample, "--json")
    assert (applied.code, applied.data["recovered"]) == (0, [])
    assert str(sample.parent / ".ttsopt") in applied.err
    assert (sample / TOOL).read_bytes() == AFTER
    assert (sample / ".ttsopt").is_dir()


@as_root
def test_a_link_to_a_repository_of_the_users_own_is_another_users_all_the_same(
    cli: Cli, sample: Path, tmp_path: Path
) -> None:
    git(tmp_path, "init", "-q", "mine")
    (sample.parent / ".git").symlink_to(tmp_path / "mine/.git")
    os.chown(sample.parent / ".git", MALLORY, -1, follow_symlinks=False)
    assert cli("status", sample, "--json").data["top"] == str(sample)


@as_root
def test_root_finds_the_top_of_a_repository_that_is_all_of_one_user(cli: Cli, sample: Path) -> None:
    commit_all(sample)
    give(sample, ALICE)
    assert cli("status", sample / "sample_tts", "--json").data["top"] == str(sample)


def test_a_sub_folder_finds_the_state_that_the_user_made_above_it(cli: Cli, sample: Path) -> None:
    cli("apply", sample)
    shown = cli("status", sample / "sample_tts", "--json").data
    assert shown["top"] == str(sample)
    assert shown["patches"]


def test_state_above_git_that_the_user_made_is_still_found(cli: Cli, sample: Path) -> None:
    cli("apply", sample.parent, "--root", "sample")
    commit_all(sample)
    assert cli("status", sample, "--json").data["patches"]


def test_a_pending_set_user_id_file_is_not_written_and_its_mode_never_is(
    cli: Cli, sample: Path
) -> None:
    plant(sample, TOOL, before=BEFORE, after=b"", mode=0o6755)
    journal = sample / ".ttsopt/journal.json"
    table = json.loads(journal.read_text())
    table["pending"][0]["after_sha256"] = ""
    forge(journal, table)
    assert_refused_by_all(cli, sample)
    assert not (sample / TOOL).exists()
    (row,) = cli("status", sample, "--json").data["foreign"]["pending"]
    assert row["mode"] == "0755"


def test_mode_bits_that_a_trusted_journal_asks_for_are_masked(cli: Cli, sample: Path) -> None:
    (sample / TOOL).write_bytes(AFTER)
    plant(sample, TOOL, before=BEFORE, after=AFTER, mode=0o6755)
    # What was to be deleted is made anew, with the mode that the journal has.
    journal = sample / ".ttsopt/journal.json"
    table = json.loads(journal.read_text())
    table["pending"][0]["after_sha256"] = ""
    forge(journal, table)
    (sample / TOOL).unlink()
    digest = cli("status", sample, "--json").data["foreign"]["digest"]
    answer = cli("rollback", sample, "--trust-state", digest, "--json")
    assert (answer.code, answer.data["recovered"]) == (0, [TOOL])
    assert (sample / TOOL).stat().st_mode & 0o7777 == 0o755


def test_state_that_came_in_an_archive_is_foreign(
    cli: Cli, sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli("apply", sample)
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        archive.add(sample, "unpacked")
    as_somebody_else(monkeypatch, tmp_path / "other-home")
    with tarfile.open(tmp_path / "a.tar") as archive:
        archive.extractall(tmp_path, filter="data")
    assert_refused_by_all(cli, tmp_path / "unpacked")


def test_state_that_git_tracks_is_foreign(cli: Cli, sample: Path, tmp_path: Path) -> None:
    plant(sample, FRONTEND, before=BEFORE, after=(sample / FRONTEND).read_bytes())
    commit_all(sample)
    git(tmp_path, "clone", "-q", str(sample), "cloned")
    assert_refused_by_all(cli, tmp_path / "cloned")


def test_another_users_state_is_foreign_and_adopted_by_its_digest_alone(
    cli: Cli, sample: Path, tree: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tree(sample)
    cli("apply", sample)
    as_somebody_else(monkeypatch, tmp_path / "other-home")
    digest = assert_refused_by_all(cli, sample)
    other = f"{int(digest[0], 16) ^ 1:x}{digest[1:]}"
    for command in WRITING:
        assert foreign(cli(*command, sample, "--trust-state", other, "--json"))
    answer = cli("rollback", sample, "--trust-state", digest, "--json")
    assert answer.code == 0
    assert answer.data["rolled_back"]
    assert tree(sample) == before
    assert not (sample / ".ttsopt").exists()


def test_what_was_adopted_is_the_users_own_from_then_on(
    cli: Cli, sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli("apply", sample)
    as_somebody_else(monkeypatch, tmp_path / "other-home")
    digest = cli("status", sample, "--json").data["foreign"]["digest"]
    assert cli("apply", sample, "--trust-state", digest).code == 0
    assert cli("status", sample, "--check").code == 0
    assert cli("rollback", sample).code == 0


@pytest.mark.parametrize("command", ["reapply", "restore"])
def test_every_command_that_writes_can_adopt(
    cli: Cli, sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    cli("apply", sample)
    as_somebody_else(monkeypatch, tmp_path / "other-home")
    digest = cli("status", sample, "--json").data["foreign"]["digest"]
    answer = cli(command, sample, "--trust-state", digest, "--json")
    code = "journal-whole" if command == "restore" else None
    assert [row["code"] for row in answer.envelope["errors"]] == ([code] if code else [])
    assert cli("status", sample, "--check").code == 0


def test_trust_is_for_what_was_shown_and_not_for_what_came_after(
    cli: Cli, sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (sample / TOOL).write_bytes(AFTER)
    plant(sample, "harmless.txt", before=b"1", after=b"2")
    digest = cli("status", sample, "--json").data["foreign"]["digest"]
    shutil.rmtree(sample / ".ttsopt")
    plant(sample, TOOL, before=BEFORE, after=AFTER)
    assert foreign(cli("apply", sample, "--trust-state", digest, "--json"))
    assert (sample / TOOL).read_bytes() == AFTER


def test_an_original_that_was_exchanged_is_not_written_by_trust_either(
    cli: Cli, sample: Path
) -> None:
    (sample / TOOL).write_bytes(AFTER)
    plant(sample, TOOL, before=BEFORE, after=AFTER)
    digest = cli("status", sample, "--json").data["foreign"]["digest"]
    (original,) = (sample / ".ttsopt/originals").iterdir()
    original.write_bytes(b"something else")
    answer = cli("rollback", sample, "--trust-state", digest, "--json")
    assert answer.error["code"] == "damaged-original"
    assert (sample / TOOL).read_bytes() == AFTER


def test_trust_writes_and_a_dry_run_does_not(cli: Cli, sample: Path) -> None:
    answer = cli("rollback", sample, "--dry-run", "--trust-state", "0" * 64, "--json")
    assert (answer.code, answer.error["code"]) == (2, "trust-writes")


def test_a_lost_state_folder_leaves_state_that_the_digest_adopts(
    cli: Cli, sample: Path, tree: Tree, state_home: Path
) -> None:
    before = tree(sample)
    cli("apply", sample)
    shutil.rmtree(state_home)
    digest = assert_refused_by_all(cli, sample)
    assert cli("rollback", sample, "--trust-state", digest).code == 0
    assert tree(sample) == before


def test_with_the_key_alone_lost_the_copy_vouches(
    cli: Cli, sample: Path, tree: Tree, state_home: Path
) -> None:
    before = tree(sample)
    cli("apply", sample)
    (state_home / "key").unlink()
    assert cli("status", sample, "--check").code == 0
    assert cli("rollback", sample).code == 0
    assert tree(sample) == before


@pytest.mark.parametrize("how", ["moved", "copied"])
def test_a_checkout_that_was_moved_or_copied_works_as_before(
    cli: Cli, sample: Path, tree: Tree, tmp_path: Path, how: str
) -> None:
    before = tree(sample)
    cli("apply", sample)
    other = tmp_path / "elsewhere"
    if how == "moved":
        sample.rename(other)
    else:
        shutil.copytree(sample, other)
    assert cli("status", other, "--check").code == 0
    assert cli("rollback", other).code == 0
    assert tree(other) == before


@pytest.mark.parametrize("schema", [1, 2, 3])
def test_a_journal_of_a_ttsopt_without_seals_is_adopted_by_its_copy(
    cli: Cli, sample: Path, tree: Tree, state_home: Path, schema: int
) -> None:
    before = tree(sample)
    cli("apply", sample)
    (copy,) = (state_home / "checkouts").iterdir()
    for folder in (sample / ".ttsopt", copy):
        as_of_schema(schema, folder / "journal.json")
    as_of_schema(schema, sample / ".ttsopt/journal.copy.json")
    (state_home / "key").unlink()
    assert cli("status", sample, "--check").code == 0
    assert cli("rollback", sample).code == 0
    assert tree(sample) == before


def test_a_journal_without_a_seal_and_without_its_copy_is_foreign(
    cli: Cli, sample: Path, state_home: Path
) -> None:
    cli("apply", sample)
    as_of_schema(3, sample / ".ttsopt/journal.json")
    shutil.rmtree(state_home / "checkouts")
    assert_refused_by_all(cli, sample)


@pytest.mark.parametrize("what", ["seal", "files", "sequence"])
def test_a_journal_that_was_changed_is_foreign_and_the_own_one_comes_back(
    cli: Cli, sample: Path, tree: Tree, what: str
) -> None:
    before = tree(sample)
    cli("apply", sample)
    journal = sample / ".ttsopt/journal.json"
    table = json.loads(journal.read_text())
    if what == "files":
        table["files"][0]["original_sha256"] = table["files"][0]["written_sha256"]
    else:
        table[what] = "0" * 64 if what == "seal" else table[what] + 1
    if what == "seal":  # else the copy would vouch for it
        table["life"] = "0" * 16
    forge(journal, table)
    assert_refused_by_all(cli, sample)
    hint = cli("rollback", sample, "--json").error["hint"]
    assert f"delete {sample}/.ttsopt" in hint
    shutil.rmtree(sample / ".ttsopt")
    assert cli("rollback", sample).code == 0
    assert tree(sample) == before


def test_a_damaged_journal_is_not_restored_by_a_foreign_copy_but_by_its_digest(
    cli: Cli, sample: Path, tree: Tree, state_home: Path
) -> None:
    before = tree(sample)
    cli("apply", sample)
    shutil.rmtree(state_home)
    (sample / ".ttsopt/journal.json").write_text("?")
    refused = cli("restore", sample, "--json")
    assert foreign(refused)
    digest = refused.error["hint"].partition("--trust-state ")[2][:64]
    assert foreign(cli("restore", sample, "--trust-state", "0" * 64, "--json"))
    assert cli("restore", sample, "--trust-state", digest).code == 0
    assert tree(sample) == before


def test_no_list_of_patches_is_saved_from_foreign_state(
    cli: Cli, sample: Path, tmp_path: Path
) -> None:
    plant(sample, TOOL, before=BEFORE, after=AFTER)
    answer = cli("status", sample, "--save", tmp_path / "list.toml", "--json")
    assert foreign(answer)
    assert not (tmp_path / "list.toml").exists()


@pytest.mark.skipif(os.name == "nt", reason="mode bits and owners")
def test_a_state_folder_that_others_can_write_in_is_refused(
    cli: Cli, sample: Path, state_home: Path
) -> None:
    cli("apply", sample)
    state_home.chmod(0o777)
    for command in ("status", "plan", "rollback"):
        answer = cli(command, sample, "--json")
        assert (answer.code, answer.error["code"]) == (3, "unsafe-state-home")
        assert f"chmod -R go-w {state_home}" in answer.error["hint"]
    state_home.chmod(0o700)
    assert cli("rollback", sample).code == 0


@pytest.mark.skipif(os.name == "nt", reason="mode bits and owners")
def test_the_hint_on_a_state_folder_that_others_can_write_in_mends_all_of_it(
    cli: Cli, sample: Path, state_home: Path
) -> None:
    cli("apply", sample)
    for folder in (state_home, *filter(Path.is_dir, state_home.rglob("*"))):
        folder.chmod(0o775)  # as ttsopt 0.1.0 made them under umask 002
    hint = cli("rollback", sample, "--json").error["hint"]
    subprocess.run(shlex.split(hint.split("`")[1]), check=True)
    assert cli("rollback", sample).code == 0
