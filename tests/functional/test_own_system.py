"""A system of the user's own: what docs/writing-a-patch.md says of it makes a checkout known, and patched."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from cli_driver import Cli, Tree

DOCUMENT = Path(__file__).parents[2] / "docs" / "writing-a-patch.md"
SPEAK = "class Toy:\n    def speak(self, text):\n        return slow(text)\n"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A catalogue with nothing but the system of the document."""
    (block,) = re.findall(
        r"^```toml system\n(.*?)^```$", DOCUMENT.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    (tmp_path / "own/toy-tts").mkdir(parents=True)
    (tmp_path / "own/toy-tts/system.toml").write_text(block, "utf-8")
    return tmp_path / "own"


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A checkout of that system."""
    package = tmp_path / "toy/src/toy_tts"
    package.mkdir(parents=True)
    (package / "speak.py").write_text(SPEAK, "utf-8", newline="")
    (package / "mel.py").touch()
    return tmp_path / "toy"


def test_it_is_discovered_with_its_catalogue_alone(cli: Cli, own: Path, toy: Path) -> None:
    assert cli("discover", toy, "--json").data["systems"] == []
    (found,) = cli("discover", toy, "--catalog", own, "--json").data["systems"]
    assert (found["system"], found["root"], found["layout"]) == ("toy-tts", ".", "src/toy_tts")


def test_a_version_is_named_where_one_is_known(cli: Cli, own: Path, toy: Path) -> None:
    said = cli("discover", toy, "--catalog", own).out
    assert "version unknown" in said
    assert "version by" not in said
    speak = toy / "src/toy_tts/speak.py"
    speak.write_text(SPEAK + "\n\ndef stream():\n    pass\n", "utf-8")
    assert "version by code" in cli("discover", toy, "--catalog", own).out


def test_a_new_patch_for_it_is_right_once_it_is_described(cli: Cli, own: Path, toy: Path) -> None:
    assert cli("new-patch", "toy-tts/quick", own).code == 0
    assert cli("list", "--check", "--catalog", own).code == 1
    patch = own / "toy-tts/quick/patch.toml"
    patch.write_text(patch.read_text("utf-8").replace("TODO: ", ""), "utf-8")
    checked = cli("list", "--check", "--catalog", own)
    assert (checked.code, checked.err) == (0, "")
    assert "ok          toy-tts/quick" in checked.out.splitlines()


def test_its_patch_is_applied_and_rolled_back(cli: Cli, own: Path, toy: Path, tree: Tree) -> None:
    cli("new-patch", "toy-tts/quick", own)
    patch = own / "toy-tts/quick/patch.toml"
    patch.write_text(patch.read_text("utf-8").replace("TODO: ", ""), "utf-8")
    before = tree(toy)
    assert cli("apply", toy, "--catalog", own).code == 0
    assert tree(toy) == {
        **before,
        "src/toy_tts/speak.py": SPEAK.replace("slow(text)", "quick(text)").encode(),
    }
    # The journal holds all that status and rollback need: not the catalogue.
    assert cli("status", toy, "--json").data["patches"][0]["patch"] == "toy-tts/quick"
    assert cli("rollback", toy).code == 0
    assert tree(toy) == before


def test_it_cannot_be_measured_without_a_workload(cli: Cli, own: Path, toy: Path) -> None:
    answer = cli("bench", toy, "--aa", "--catalog", own, "--json")
    assert (answer.code, answer.error["code"]) == (5, "no-workload")
