"""What a patch file of one's own is judged by: what its author says of it, or as one that nobody speaks for."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_driver import Cli
from own_diffs import DiffOf, replace

SPEAK = "return samples"
BENCH = ("--text", "Hi there.", "--max-rtf", "1000", "--threads", "1", "--json")


def fewer_evaluations(tree: Path) -> None:
    replace(tree / "sample_tts/api.py", "nfe_step: int = 32)", "nfe_step: int = 16)")


def half_of_it(tree: Path) -> None:
    replace(tree / "sample_tts/api.py", f"        {SPEAK}", f"        {SPEAK}[: len(samples) // 2]")


def quality(cli: Cli, checkout: Path, diff: Path, *options: str) -> tuple[int, str, str]:
    """Exit code, outcome and words of the gate on quality; empty where there is none."""
    answer = cli("bench", checkout, "--patch-file", diff, *BENCH, *options)
    rows = [row for row in answer.data["gates"] if row["name"] == "quality"]
    outcome, measured = (rows[0]["outcome"], rows[0]["measured"]) if rows else ("", "")
    return answer.code, outcome, measured


@pytest.mark.parametrize("effect", ["exact", "close"])
def test_a_claim_is_judged_as_a_patch_of_the_catalogue_is(
    cli: Cli, checkout: Path, diff_of: DiffOf, effect: str
) -> None:
    diff = diff_of(fewer_evaluations)
    code, outcome, measured = quality(cli, checkout, diff, "--effect", effect, "--rounds", "2")
    assert (code, outcome) == (1, "failed")
    assert "nfe 32 -> 16: lossy, not close" in measured


def test_what_nobody_speaks_for_may_not_speak_less(
    cli: Cli, checkout: Path, diff_of: DiffOf
) -> None:
    diff = diff_of(half_of_it)
    code, outcome, measured = quality(cli, checkout, diff, "--rounds", "1")
    assert (code, outcome) == (1, "failed")
    assert "times as long; --effect lossy" in measured


def test_without_a_claim_another_sound_is_not_judged(
    cli: Cli, checkout: Path, diff_of: DiffOf
) -> None:
    diff = diff_of(fewer_evaluations)
    assert quality(cli, checkout, diff, "--rounds", "1")[1:] == ("", "")
