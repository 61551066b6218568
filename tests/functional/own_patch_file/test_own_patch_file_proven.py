"""git's ids in a diff say what a file was and is to be: where both hold, nothing else is asked of the result."""

from __future__ import annotations

import re
from pathlib import Path

from cli_driver import Cli
from own_diffs import DiffOf, as_git_sees, by_git, other_embedding, replace, state, without_journal


def no_python(tree: Path) -> None:
    """What this Python does not read: a newer one's syntax, or an older one's."""
    replace(
        tree / "sample_tts/api.py", "REFERENCE_VOICE = Path", "print 'é'\nREFERENCE_VOICE = Path"
    )
    (tree / "new.py").write_text("print 'new'\n")


def test_what_they_prove_is_as_its_author_had_it(cli: Cli, checkout: Path, diff_of: DiffOf) -> None:
    diff = diff_of(no_python)
    expected = by_git(checkout, diff)
    assert cli("apply", checkout, "--patch-file", diff).code == 0
    assert as_git_sees(without_journal(checkout)) == expected


def test_in_a_file_that_is_another_by_now_what_could_be_read_must_still_be(
    cli: Cli, checkout: Path, diff_of: DiffOf
) -> None:
    diff = diff_of(no_python)
    other_embedding(checkout)
    before = state(checkout)
    answer = cli("apply", checkout, "--patch-file", diff, "--json")
    assert (answer.code, "not valid Python" in answer.error["message"]) == (3, True)
    assert state(checkout) == before


def test_a_diff_without_ids_or_with_others_proves_nothing(
    cli: Cli, checkout: Path, diff_of: DiffOf
) -> None:
    diff = diff_of(no_python)
    said, before = diff.read_text(), state(checkout)
    for ids in ("", "index 0000001..0000002 100644\n"):
        diff.write_text(re.sub(r"index [0-9a-f]{7,}.*\n", ids, said))
        assert cli("apply", checkout, "--patch-file", diff).code == 3
        assert state(checkout) == before
