"""`ttsopt update` as scripts and people see it, on the sample checkout and on the real ones."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest
from cli_driver import Cli, Tree
from git_command import commit_all, git

from ttsopt.checkout.state.location import open_checkout
from ttsopt.checkout.update_record import UpdateRecord, write_update
from ttsopt.domain.journal import Journal

VOCODER = "sample_tts/vocoder.py"


@pytest.fixture
def cloned(sample: Path, tmp_path: Path) -> Path:
    """A sample checkout that is a clone, a version behind its upstream."""
    work = tmp_path / "work"
    sample.rename(work)
    commit_all(work)
    git(tmp_path, "clone", "-q", str(work), str(sample))
    vocoder = work / VOCODER
    vocoder.write_bytes(b"# version 2\n" + vocoder.read_bytes())
    git(work, "commit", "-q", "-a", "-m", "next")
    return sample


def test_what_a_script_reads(cli: Cli, cloned: Path, tree: Tree, tmp_path: Path) -> None:
    cli("apply", cloned)
    before, old = tree(cloned), git(cloned, "rev-parse", "HEAD")
    new, branch = git(tmp_path / "work", "rev-parse", "HEAD"), git(cloned, "symbolic-ref", "HEAD")
    planned = cli("update", cloned, "--dry-run", "--json")
    assert (planned.code, planned.data["dry_run"], tree(cloned) == before) == (0, True, True)
    done = cli("update", cloned, "--json")
    assert (done.code, done.envelope["command"]) == (0, "update")
    rows = [row["patch"] for row in done.data["applied"]]
    assert rows == [row["patch"] for row in planned.data["applied"]]
    assert {"sample/folded-weight-norm", "sample/precompiled-regex"} <= set(rows)
    expected = {"from": old, "to": new, "branch": branch, "outcome": "updated", "left_out": []}
    assert {key: done.data[key] for key in expected} == expected
    assert cli("status", cloned, "--check").code == 0
    again = cli("update", cloned, "--json")
    assert (again.code, again.data["outcome"], again.data["from"]) == (0, "up to date", new)
    assert cli("rollback", cloned).code == 0
    assert git(cloned, "status", "--short") == ""


def test_what_people_read(cli: Cli, cloned: Path) -> None:
    cli("apply", cloned)
    lines = cli("update", cloned).out.splitlines()
    assert " went from " in lines[0]
    assert f"+ sample/folded-weight-norm  applied: {VOCODER}" in lines
    assert "is up to date" in cli("update", cloned).out


def test_what_is_refused_exits_with_three(cli: Cli, cloned: Path) -> None:
    refused = cli("update", cloned, "--json")
    assert (refused.code, refused.error["code"]) == (3, "nothing-applied")
    cli("apply", cloned)
    (cloned / "README.md").write_text("mine\n")
    refused = cli("update", cloned, "--json")
    assert (refused.code, refused.error["code"]) == (3, "uncommitted")


@pytest.mark.parametrize(
    "words", [("--continue", "--abort"), ("--abort", "--to", "x"), ("--forget", "--strict")]
)
def test_ways_that_exclude_each_other(cli: Cli, cloned: Path, words: tuple[str, ...]) -> None:
    answer = cli("update", cloned, *words, "--json")
    assert (answer.code, answer.error["code"]) == (2, "one-way")


def test_status_names_an_update_that_was_stopped_and_how_to_end_it(
    cli: Cli, cloned: Path, tree: Tree
) -> None:
    before = tree(cloned)
    old, branch = git(cloned, "rev-parse", "HEAD"), git(cloned, "symbolic-ref", "HEAD")
    git(cloned, "fetch", "-q")
    new = git(cloned, "rev-parse", "FETCH_HEAD")
    write_update(open_checkout(cloned), UpdateRecord(old, new, branch, Journal(), "schema = 1\n"))
    said = cli("status", cloned)
    on, back = f"ttsopt update --continue {cloned}", f"ttsopt update --abort {cloned}"
    assert f"was stopped on its way: `{on}` goes on, `{back}` takes it back." in said.out
    data = cli("status", cloned, "--json").data
    assert data["next"] == [on, back]
    assert (data["update"]["from"], data["update"]["to"]) == (old, new)
    assert cli("status", cloned, "--check").code == 1
    ended = cli(*shlex.split(back)[1:], "--json")
    assert (ended.code, ended.data["outcome"], tree(cloned) == before) == (0, "taken back", True)
    assert cli("status", cloned, "--json").data["update"] is None


@pytest.mark.upstream
@pytest.mark.parametrize(
    ("name", "old"), [("F5-TTS", "1.1.5"), ("F5-TTS", "1.1.18"), ("CosyVoice", "HEAD~60")]
)
def test_a_real_checkout_is_as_a_fresh_one_with_the_same_patches(
    cli: Cli, tmp_path: Path, tree: Tree, name: str, old: str
) -> None:
    folder = os.environ.get("TTSOPT_UPSTREAMS")
    if not folder:
        pytest.skip("TTSOPT_UPSTREAMS names no folder of upstream repositories")
    bare, clone, fresh = (tmp_path / part for part in ("bare.git", "clone", "fresh"))
    git(tmp_path, "clone", "-q", "--bare", "--shared", f"{folder}/{name}", str(bare))
    for checkout in (clone, fresh):
        git(tmp_path, "clone", "-q", str(bare), str(checkout))
    git(clone, "reset", "-q", "--hard", old)
    assert cli("apply", clone).code == 0
    done = cli("update", clone, "--json")
    assert (done.code, done.data["outcome"]) == (0, "updated")
    patches = [row["patch"] for row in cli("status", clone, "--json").data["patches"]]
    assert patches
    named = [word for patch in patches for word in ("-p", patch)]
    assert cli("apply", fresh, *named).code == 0
    assert tree(clone) == tree(fresh)
    assert cli("rollback", clone).code == 0
    assert git(clone, "status", "--short") == ""
    assert git(clone, "rev-parse", "HEAD") == git(fresh, "rev-parse", "HEAD")
