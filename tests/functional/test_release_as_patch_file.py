"""The diff from one release of F5-TTS to the next, as a user's own patch file: a real checkout there and back.

TTSOPT_UPSTREAMS names a folder of clones or bare repositories with `F5-TTS` in it.
"""

from __future__ import annotations

import os
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
from cli_driver import Cli, Tree

pytestmark = pytest.mark.upstream
RELEASES = [
    "0.6.2",
    "1.0.0",
    "1.0.3",
    "1.0.8",
    "1.1.3",
    "1.1.5",
    "1.1.7",
    "1.1.10",
    "1.1.16",
    "1.1.20",
]
TEXT = ["*.py", "*.md", "*.toml", "*.yaml", "*.yml", "*.txt", "*.sh", "Dockerfile", "LICENSE"]


def f5_tts() -> Path:
    folder = os.environ.get("TTSOPT_UPSTREAMS")
    if not folder or not (Path(folder) / "F5-TTS").exists():
        pytest.skip("TTSOPT_UPSTREAMS names no folder with F5-TTS in it")
    return Path(folder).resolve() / "F5-TTS"


def git(*arguments: str, folder: Path | None = None) -> bytes:
    command = ["git", *(["-C", str(folder)] if folder else []), *arguments]
    return subprocess.run(command, capture_output=True, check=True).stdout


def check_out(release: str, destination: Path) -> Path:
    archive = git("archive", release, folder=f5_tts())
    destination.mkdir()
    subprocess.run(["tar", "x", "-C", str(destination)], input=archive, check=True)
    return destination


@pytest.mark.parametrize(("old", "new"), list(pairwise(RELEASES)))
def test_a_release_is_reached_and_left_again(
    cli: Cli, tree: Tree, tmp_path: Path, old: str, new: str
) -> None:
    checkout = check_out(old, tmp_path / "F5-TTS")
    before = tree(checkout)
    diff = tmp_path / "release.patch"
    diff.write_bytes(git("diff", old, new, "--", *TEXT, folder=f5_tts()))
    modes = {path: (checkout / path).stat().st_mode for path in before}
    plan = cli("plan", checkout, "--patch-file", diff, "--json")
    applied = cli("apply", checkout, "--patch-file", diff, "--json")
    assert applied.code == 0, applied.error
    after = tree(checkout)
    assert after == reference(old, diff, tmp_path / "by-git", tree)
    assert plan.data["applied"] == applied.data["applied"]
    assert cli("apply", checkout, "--effect", "lossy", "-p", "f5-tts/nfe-step").code == 0
    assert tree(checkout) != after
    assert cli("rollback", checkout, "-p", "f5-tts/nfe-step").code == 0
    assert tree(checkout) == after
    assert cli("rollback", checkout).code == 0
    assert tree(checkout) == before
    assert {path: (checkout / path).stat().st_mode for path in before} == modes


def reference(old: str, diff: Path, folder: Path, tree: Tree) -> dict[str, bytes]:
    """The old release with the diff as git applies it."""
    check_out(old, folder)
    git("init", "-q", folder=folder)
    git("apply", str(diff), folder=folder)
    return tree(folder)
