"""The whole way on real checkouts: every release of F5-TTS, the package from PyPI, Step-Audio-EditX.

TTSOPT_UPSTREAMS names a folder of clones or bare repositories: `F5-TTS`, `Step-Audio-EditX`,
`Real-Time-Voice-Cloning`.
TTSOPT_SITE_PACKAGES names a site-packages folder with f5-tts in it.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from cli_driver import Cli, Tree

pytestmark = pytest.mark.upstream
F5_RELEASES = [
    "0.6.2",
    "1.0.0",
    "1.0.3",
    "1.0.8",
    "1.1.0",
    "1.1.3",
    "1.1.4",
    "1.1.5",
    "1.1.6",
    "1.1.7",
    "1.1.8",
    "1.1.9",
    "1.1.10",
    "1.1.12",
    "1.1.15",
    "1.1.16",
    "1.1.17",
    "1.1.18",
    "1.1.19",
    "1.1.20",
    "HEAD",
]
F5_PATCHES = {"f5-tts/nfe-step", "f5-tts/tf32"}  # of those that fit every release
FIRST_WITH_EPSS = F5_RELEASES.index("1.1.5")


def upstream(name: str) -> Path:
    folder = os.environ.get("TTSOPT_UPSTREAMS")
    if not folder:
        pytest.skip("TTSOPT_UPSTREAMS names no folder of upstream repositories")
    path = Path(folder).resolve() / name
    if not path.exists():
        pytest.skip(f"{path} does not exist")
    return path


def check_out(repository: Path, revision: str, destination: Path) -> Path:
    """The tree of one revision, without git."""
    archive = subprocess.run(
        ["git", "-C", str(repository), "archive", revision], capture_output=True, check=True
    )
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tar:
        tar.extractall(destination, filter="data")
    return destination


def epss_steps(notes: list[str]) -> bool:
    (note,) = notes
    return "This version has EPSS" in note


def go_the_whole_way(
    cli: Cli, tree: Tree, checkout: Path, system: str, least: set[str]
) -> list[str]:
    """discover, apply, apply again, rollback; gives the notes of all patches applied, `least` among them."""
    before = tree(checkout)
    (found,) = cli("discover", checkout, "--json").data["systems"]
    assert (found["system"], found["root"]) == (system, ".")
    applied = cli("apply", checkout, "--effect", "lossy", "--all", "--json")
    patches = [row["patch"] for row in applied.data["applied"]]
    assert applied.code == 0
    assert least <= set(patches)
    changed = {path for path, data in tree(checkout).items() if before.get(path) != data}
    assert changed == {file["path"] for row in applied.data["applied"] for file in row["files"]}
    again = cli("apply", checkout, "--effect", "lossy", "--all", "--json")
    assert (again.data["applied"], [row["patch"] for row in again.data["already"]]) == ([], patches)
    undone = cli("rollback", checkout, "--json")
    assert (undone.code, [row["patch"] for row in undone.data["rolled_back"]]) == (0, patches)
    assert tree(checkout) == before
    return [note for row in applied.data["applied"] for note in row["notes"]]


@pytest.mark.parametrize("release", F5_RELEASES)
def test_a_release_of_f5_tts(cli: Cli, tree: Tree, tmp_path: Path, release: str) -> None:
    checkout = check_out(upstream("F5-TTS"), release, tmp_path / "F5-TTS")
    notes = go_the_whole_way(cli, tree, checkout, "f5-tts", F5_PATCHES)
    assert epss_steps(notes) == (F5_RELEASES.index(release) >= FIRST_WITH_EPSS)


def test_the_package_of_f5_tts_in_site_packages(cli: Cli, tree: Tree, tmp_path: Path) -> None:
    """On a copy of the package and its dist-info: the environment itself is not ours to change."""
    folder = os.environ.get("TTSOPT_SITE_PACKAGES")
    if not folder:
        pytest.skip("TTSOPT_SITE_PACKAGES names no site-packages folder with f5-tts")
    for path in Path(folder).glob("f5_tts*"):
        shutil.copytree(path, tmp_path / path.name)
    (found,) = cli("discover", tmp_path, "--json").data["systems"]
    assert found["version_source"] == "package"
    go_the_whole_way(cli, tree, tmp_path, "f5-tts", F5_PATCHES)


def test_step_audio_editx(cli: Cli, tree: Tree, tmp_path: Path) -> None:
    patches = ["step-audio/conv-search", "step-audio/ort-threads", "step-audio/tf32"]
    checkout = check_out(upstream("Step-Audio-EditX"), "HEAD", tmp_path / "Step-Audio-EditX")
    go_the_whole_way(cli, tree, checkout, "step-audio", set(patches))
    before = tree(checkout)
    for kept in patches:
        cli("apply", checkout, "-p", kept)
        alone = tree(checkout)
        others = cli("apply", checkout, "--all", "--json").data["applied"]
        named = [option for row in others for option in ("-p", row["patch"])]
        cli("rollback", checkout, *named)
        assert tree(checkout) == alone != before
        cli("rollback", checkout)
        assert tree(checkout) == before


def test_the_ancestor_of_mockingbird_is_not_taken_for_it(cli: Cli, tmp_path: Path) -> None:
    """Real-Time-Voice-Cloning has the same folders, classes and functions."""
    checkout = check_out(upstream("Real-Time-Voice-Cloning"), "HEAD", tmp_path / "ancestor")
    assert (checkout / "synthesizer" / "inference.py").is_file()
    assert cli("discover", checkout, "--json").data["systems"] == []
