"""What a terminal of 80 columns sees."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest
from terminal import COLOURS, longest, seen

if sys.platform == "win32":
    pytest.skip("there are no pseudo-terminals", allow_module_level=True)


@pytest.fixture
def elsewhere(sample: Path) -> Path:
    return sample.parent


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("list", "."),
        ("plan", "--effect", "lossy"),
        ("apply", "--dry-run"),
        ("show", "f5-tts/fused-dit"),
        ("list",),
        ("status",),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_eighty_columns_hold_it(sample: Path, arguments: tuple[str, ...], language: str) -> None:
    said = seen(sample, *arguments, TTSOPT_LANG=language)
    diff = "plan" in arguments  # a line of code is as long as it is
    assert longest(said) <= (80 if not diff else 200)
    assert said.strip()


def test_eighty_columns_hold_the_table_of_concurrency(sample: Path) -> None:
    once = ("--rounds", "1", "--threads", "1", "--text", "Hi.", "--concurrency", "1,2")
    said = seen(sample, "bench", "-p", "sample/precompiled-regex", *once)
    table = said[said.index("at once") :]
    assert longest(table) <= 80
    assert "\u2026" not in table
    assert len(re.findall(r"\d\.\d{3,}", table)) >= 4 * 7


def test_a_command_to_be_typed_is_never_broken(sample: Path) -> None:
    deep = sample.parent / ("deep" * 12) / "sample"
    deep.parent.mkdir()
    sample.rename(deep)
    said = COLOURS.sub(
        "", seen(deep.parent, "apply", deep, "-p", "sample/nfe-step", "--effect", "lossy")
    )
    assert f"  ttsopt bench {deep} --rtf\n" in said
    assert f"  ttsopt rollback {deep}\n" in said


def test_a_line_end_in_a_name_is_none_to_break_at(sample: Path) -> None:
    folder = sample.parent / ("name\nof two lines " * 5).strip()
    sample.rename(folder)
    said = COLOURS.sub("", seen(folder.parent, "status", folder))
    assert "name\\nof two lines" in said


def test_a_plan_is_coloured_and_paged(sample: Path, tmp_path: Path) -> None:
    pager = tmp_path / "pager"
    pager.write_text(f"#!/bin/sh\ncat > {tmp_path}/paged\n")
    pager.chmod(0o755)
    plain = seen(sample, "plan", "-p", "sample/nfe-step", "--effect", "lossy")
    assert "\x1b[32m+" in plain
    assert "\x1b[31m-" in plain
    said = seen(sample, "plan", "--effect", "lossy", PAGER=str(pager))
    paged = (tmp_path / "paged").read_text()
    assert "diff --git" not in said
    assert "diff --git" in paged
    assert "\x1b[32m+" in paged
    assert "\x1b[" not in seen(sample, "plan", "--effect", "lossy", NO_COLOR="1")


def test_a_pager_of_the_checkout_is_not_started(sample: Path, tmp_path: Path) -> None:
    for name in ("less", "more", "mine"):
        (sample / name).write_text(f"#!/bin/sh\ntouch {tmp_path}/started\n")
        (sample / name).chmod(0o755)
    for asked in ("mine", "./mine"):
        path = f".:{sample}:" + os.environ["PATH"]
        said = seen(sample, "plan", "--effect", "lossy", PAGER=asked, PATH=path)
        assert "diff --git" in said
    assert not (tmp_path / "started").exists()
