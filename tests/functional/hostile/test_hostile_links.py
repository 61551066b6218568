"""Links to the outside, into themselves and in circles: none is written through."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from all_commands import ALL, FRONTEND, Go, applied, refused


def test_links_everywhere(go: Go, sample: Path, outside: Path) -> None:
    targets = (".", "..", "/", "self", "nowhere", str(outside), "../outside", "sample_tts", "../..")
    for folder in (sample, sample / "sample_tts", sample / "tools"):
        for number, target in enumerate(targets):
            (folder / f"link{number}").symlink_to(target)
        (folder / "self").symlink_to("self")
        (folder / "there").symlink_to("back")
        (folder / "back").symlink_to("there")
    answers = go()
    assert [row["root"] for row in answers["discover"].data["systems"]] == ["."]
    assert applied(answers) == ALL


def test_a_target_that_is_a_link_to_the_outside(go: Go, sample: Path, outside: Path) -> None:
    (sample / FRONTEND).unlink()
    (sample / FRONTEND).symlink_to(outside / FRONTEND)
    answers = go()
    assert refused(answers) == {"precompiled-regex": "outside"}
    assert applied(answers) == ALL - {"precompiled-regex"}


def test_a_target_that_is_a_link_within(go: Go, sample: Path) -> None:
    (sample / "elsewhere").mkdir()
    (sample / FRONTEND).rename(sample / "elsewhere" / "real.py")
    (sample / FRONTEND).symlink_to("../elsewhere/real.py")
    assert applied(go()) == ALL


def test_a_target_with_a_second_name_outside(go: Go, sample: Path, outside: Path) -> None:
    (sample / FRONTEND).unlink()
    os.link(outside / FRONTEND, sample / FRONTEND)
    assert applied(go()) == ALL


def test_a_package_that_is_a_link_to_the_outside(go: Go, sample: Path, outside: Path) -> None:
    shutil.rmtree(sample / "sample_tts")
    (sample / "sample_tts").symlink_to(outside / "sample_tts")
    answers = go()
    assert answers["discover"].data["systems"] == []
    assert answers["apply"].error["code"] == "no-system"


def test_bytecode_that_is_outside(go: Go, sample: Path, outside: Path) -> None:
    """Dropping stale bytecode must not reach through a link."""
    (sample / "sample_tts/__pycache__").symlink_to(outside / "__pycache__")
    go()


def test_a_checkout_that_is_named_by_a_link(go: Go, sample: Path, tmp_path: Path) -> None:
    (tmp_path / "name").symlink_to(sample)
    assert applied(go(checkout=tmp_path / "name")) == ALL
