"""A user's own diff that does not fit, or is none: refused whole, with what to read."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_driver import Cli
from own_diffs import EMBED, DiffOf, all_kinds, other_embedding, replace, state


def test_two_changes_of_one_line_are_refused_whoever_comes_second(
    cli: Cli, checkout: Path, diff_of: DiffOf
) -> None:
    diff = diff_of(other_embedding)
    kept = ["-p", "sample/kept-speaker-embedding"]
    for first, second, refused in (
        (["--patch-file", diff], kept, "sample/kept-speaker-embedding"),
        (kept, ["--patch-file", diff], "file/own"),
    ):
        assert cli("apply", checkout, *first).code == 0
        before = state(checkout)
        answer = cli("apply", checkout, *second, "--json")
        (row,) = answer.data["refused"]
        assert (answer.code, row["patch"], row["why"]) == (3, refused, "conflict")
        assert state(checkout) == before
        cli("rollback", checkout)
    assert cli("apply", checkout, "--patch-file", diff, *kept).code == 3
    assert EMBED in (checkout / "sample_tts/api.py").read_text()


def test_one_file_that_does_not_fit_refuses_all(cli: Cli, checkout: Path, diff_of: DiffOf) -> None:
    diff = diff_of(all_kinds)
    replace(checkout / "notes.txt", "two\r\n", "deux\r\n")
    before = state(checkout)
    for verb in ("plan", "apply"):
        answer = cli(verb, checkout, "--patch-file", diff, "--json")
        assert (answer.code, answer.envelope["status"]) == (3, "refused")
        (row,) = answer.data["refused"]
        assert (row["patch"], row["file"], row["line"]) == ("file/own", "notes.txt", 2)
        assert "two" in row["looked_for"]
        assert "deux" in row["nearest"]
        assert "deux" in row["difference"]
        assert row["hint"]
        assert "notes.txt" in answer.error["message"]
        assert state(checkout) == before


def test_a_refusal_is_said_once(cli: Cli, checkout: Path, diff_of: DiffOf) -> None:
    diff = diff_of(all_kinds)
    replace(checkout / "notes.txt", "two\r\n", "deux\r\n")
    for verb in ("plan", "apply"):
        answer = cli(verb, checkout, "--patch-file", diff)
        assert (answer.code, answer.out) == (3, "")
        assert answer.err.count("looked for") == 1


@pytest.mark.parametrize("broken", ["", "no diff\n", "--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n one\n"])
def test_what_is_no_whole_diff_is_wrong_use(
    cli: Cli, checkout: Path, tmp_path: Path, broken: str
) -> None:
    (tmp_path / "broken.patch").write_text(broken)
    before = state(checkout)
    answer = cli("apply", checkout, "--patch-file", tmp_path / "broken.patch", "--json")
    assert (answer.code, answer.error["code"]) == (2, "bad-patch-file")
    assert state(checkout) == before
