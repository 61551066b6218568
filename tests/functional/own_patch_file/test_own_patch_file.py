"""A user's own diff through the command line, the whole way: as git writes it, and as git would apply it."""

from __future__ import annotations

from pathlib import Path

from cli_driver import Cli
from own_diffs import DiffOf, all_kinds, as_git_sees, by_git, git, state, without_journal


def test_it_leaves_what_git_apply_leaves(cli: Cli, checkout: Path, diff_of: DiffOf) -> None:
    diff = diff_of(all_kinds)
    expected = by_git(checkout, diff)
    assert expected["scripts/say.sh"][0]
    assert expected["tools/new_voice.py"][0]
    assert cli("apply", checkout, "--patch-file", diff).code == 0
    assert as_git_sees(without_journal(checkout)) == expected


def test_plan_prints_a_diff_that_git_applies_to_the_same_end(
    cli: Cli, checkout: Path, diff_of: DiffOf
) -> None:
    diff = diff_of(all_kinds)
    before = state(checkout)
    planned = cli("plan", checkout, "--patch-file", diff)
    assert planned.code == 0
    printed = checkout.parent / "printed.patch"
    printed.write_bytes(planned.out.encode())
    assert state(checkout) == before
    assert by_git(checkout, printed) == by_git(checkout, diff)


def test_rollback_gives_every_byte_and_mode_back(cli: Cli, checkout: Path, diff_of: DiffOf) -> None:
    diff = diff_of(all_kinds)
    before = state(checkout)
    assert cli("apply", checkout, "--patch-file", diff).code == 0
    assert cli("rollback", checkout).code == 0
    assert state(checkout) == before
    assert not (checkout / "scripts").exists()


def test_a_run_that_writes_nothing_says_what_would_be_done(
    cli: Cli, checkout: Path, diff_of: DiffOf
) -> None:
    diff = diff_of(all_kinds)
    before = state(checkout)
    dry = cli("apply", checkout, "--patch-file", diff, "--dry-run")
    (line,) = dry.out.splitlines()  # and nothing of catalogue patches that nobody named
    assert line.startswith("+ file/own  would apply: ")
    for words in (
        "notes.txt,",
        "scripts/__init__.py (created)",
        "sample_tts/__main__.py (deleted)",
        "tools/make_voice.py (deleted)",
        "tools/new_voice.py (created)",
    ):
        assert words in line
    assert state(checkout) == before


def test_a_check_fails_until_it_is_applied(cli: Cli, checkout: Path, diff_of: DiffOf) -> None:
    asked = ("plan", checkout, "--check", "--patch-file", diff_of(all_kinds))
    assert cli(*asked).code == 1
    assert cli("apply", checkout, "--patch-file", asked[-1]).code == 0
    assert cli(*asked).code == 0


def test_applying_again_changes_nothing(cli: Cli, checkout: Path, diff_of: DiffOf) -> None:
    diff = diff_of(all_kinds)
    cli("apply", checkout, "--patch-file", diff)
    first = state(checkout)
    again = cli("apply", checkout, "--patch-file", diff, "--json")
    (row,) = again.data["already"]
    assert (row["patch"], row["why"], again.code) == ("file/own", "applied", 0)
    assert state(checkout) == first


def test_a_tree_that_has_the_change_is_left_alone(
    cli: Cli, checkout: Path, diff_of: DiffOf
) -> None:
    diff = diff_of(all_kinds)
    git(checkout, "apply", str(diff))
    before = state(checkout)
    answer = cli("apply", checkout, "--patch-file", diff, "--json")
    (row,) = answer.data["already"]
    assert (row["patch"], row["why"], answer.code) == ("file/own", "upstream", 0)
    assert state(checkout) == before


def test_status_names_each_file(cli: Cli, checkout: Path, diff_of: DiffOf) -> None:
    cli("apply", checkout, "--patch-file", diff_of(all_kinds))
    (checkout / "scripts/say.sh").write_bytes(b"mine\n")
    (checkout / "notes.txt").unlink()
    data = cli("status", checkout, "--json").data
    assert [row["patch"] for row in data["patches"]] == ["file/own"]
    assert {row["path"]: row["state"] for row in data["files"]} == {
        "notes.txt": "missing",
        "sample_tts/__main__.py": "applied",
        "sample_tts/api.py": "applied",
        "scripts/__init__.py": "applied",
        "scripts/say.sh": "edited",
        "tools/make_voice.py": "applied",
        "tools/new_voice.py": "applied",
    }


def test_rollback_keeps_what_was_edited_since(cli: Cli, checkout: Path, diff_of: DiffOf) -> None:
    cli("apply", checkout, "--patch-file", diff_of(all_kinds))
    (checkout / "scripts/say.sh").write_bytes(b"mine\n")
    before = state(checkout)
    answer = cli("rollback", checkout, "--json")
    (kept,) = answer.data["kept"]
    assert (answer.code, kept["path"], kept["state"]) == (3, "scripts/say.sh", "edited")
    assert state(checkout) == before
