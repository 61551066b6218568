"""A user's own diff beside patches of the catalogue: in any order, each taken out alone."""

from __future__ import annotations

from pathlib import Path

from cli_driver import Cli
from own_diffs import DiffOf, all_kinds, as_git_sees, by_git, state, without_journal

NEIGHBOURS = ["sample/kept-speaker-embedding", "sample/nfe-step", "sample/precompiled-regex"]


def neighbours() -> list[str]:
    """Options that take patches of the catalogue, two of them in a file that the diff changes, too."""
    return ["--effect", "lossy", *(word for name in NEIGHBOURS for word in ("-p", name))]


def test_it_goes_together_with_patches_of_the_catalogue_in_any_order(
    cli: Cli, checkout: Path, diff_of: DiffOf
) -> None:
    diff = diff_of(all_kinds)
    before = state(checkout)
    ends = []
    own, others = ["--patch-file", str(diff)], neighbours()
    for steps in ([own + others], [own, others], [others, own]):
        for step in steps:
            assert cli("apply", checkout, *step).code == 0
        ends.append(without_journal(checkout))
        assert cli("rollback", checkout).code == 0
        assert state(checkout) == before
    assert ends[0] == ends[1] == ends[2]
    assert "声音" in ends[0]["sample_tts/api.py"][1].decode()
    assert b"self._embeddings = {}" in ends[0]["sample_tts/api.py"][1]


def test_each_can_be_taken_out_alone(cli: Cli, checkout: Path, diff_of: DiffOf) -> None:
    diff = diff_of(all_kinds)
    own = by_git(checkout, diff)
    cli("apply", checkout, *neighbours())
    others = without_journal(checkout)
    cli("apply", checkout, "--patch-file", diff)
    both = without_journal(checkout)
    assert cli("rollback", checkout, "-p", "file/own").code == 0
    assert without_journal(checkout) == others
    cli("apply", checkout, "--patch-file", diff)
    assert without_journal(checkout) == both
    taken_out = [word for name in NEIGHBOURS for word in ("-p", name)]
    assert cli("rollback", checkout, *taken_out).code == 0
    assert as_git_sees(without_journal(checkout)) == own
