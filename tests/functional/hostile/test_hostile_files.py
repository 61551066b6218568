"""Source files that are none, or not such as can be read: an answer each time."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest
from all_commands import ALL, COMMANDS, TARGETS, Go, applied
from cli_driver import Cli
from strange_files import KINDS
from surroundings import photograph, without_times


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_target_that_is_not_what_it_seems(go: Go, sample: Path, kind: str, target: str) -> None:
    (sample / target).unlink()
    KINDS[kind](sample / target)
    go()


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root reads everything")
@pytest.mark.parametrize(
    ("path", "mode"),
    [
        *((target, 0o000) for target in TARGETS),
        ("sample_tts", 0o000),
        ("sample_tts", 0o400),
        ("sample_tts", 0o500),
        (".", 0o000),
        (".", 0o300),
        (".", 0o500),
        ("tools", 0o000),
    ],
)
def test_what_may_not_be_read_or_written(cli: Cli, sample: Path, path: str, mode: int) -> None:
    before, bits = photograph(sample), stat.S_IMODE((sample / path).stat().st_mode)
    (sample / path).chmod(mode)
    try:
        answers = {name: cli(name, sample, *rest, "--json") for name, *rest in COMMANDS}
    finally:
        (sample / path).chmod(bits)
    unreadable = {2} if path == "." else set()
    assert {answer.code for answer in answers.values()} <= {0, 3, 5} | unreadable
    assert (path == "tools") == (not answers["apply"].code and applied(answers) == ALL)
    assert without_times(photograph(sample)) == without_times(before)
