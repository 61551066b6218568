"""Catalogues of one's own that aim outside the checkout: refused, and nothing outside is touched."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from cli_driver import Cli, Tree

PATCH = """
id = "sample/own"
version = 1
summary = "Aims at what is none of its business"
why = "It is made for a test."
effect = "exact"
device = "any"

[[files]]
paths = ["{path}"]
anchor = "class Frontend"

[[files.edits]]
{edit}
"""
DECORATE = 'in = "Frontend"\ndecorate = "final"'
HARMLESS = "sample_tts/frontend.py"


@pytest.fixture
def outside(tmp_path: Path, sample: Path) -> Path:
    folder = tmp_path / "outside"
    shutil.copytree(sample, folder)
    return folder


def own(folder: Path, path: str, edit: str = DECORATE) -> Path:
    patch = folder / "catalogue" / "sample" / "own" / "patch.toml"
    patch.parent.mkdir(parents=True)
    patch.write_text(PATCH.format(path=path, edit=edit))
    return folder / "catalogue"


@pytest.mark.parametrize(
    "path",
    [
        "../outside/sample_tts/frontend.py",
        "sample_tts/../../outside/sample_tts/frontend.py",
        "{outside}/sample_tts/frontend.py",
        "**/../outside/sample_tts/frontend.py",
        "*/../../outside/sample_tts/frontend.py",
        "..\\\\outside\\\\sample_tts\\\\frontend.py",
        "C:/outside/frontend.py",
        ".git/hooks/frontend.py",
        ".GIT/frontend.py",
        "sample_tts/.git/frontend.py",
        ".ttsopt/frontend.py",
        "~/frontend.py/",
    ],
)
def test_a_path_that_leaves_the_checkout(
    cli: Cli, sample: Path, outside: Path, tmp_path: Path, tree: Tree, path: str
) -> None:
    catalogue = own(tmp_path, path.replace("{outside}", outside.as_posix()))
    before = tree(tmp_path)
    for command in ("plan", "apply"):
        answer = cli(command, sample, "--catalog", catalogue, "-p", "sample/own", "--json")
        assert (answer.code, answer.error["code"]) == (5, "bad-catalogue")
        assert "paths" in answer.error["message"]
    assert tree(tmp_path) == before
    assert not (sample / ".ttsopt").exists()


@pytest.mark.parametrize(
    "name", ["../x.py", "../../outside/x.py", "/tmp/x.py", ".git/x.py", "..", ".", "a/b.py", ""]
)
def test_a_helper_that_leaves_the_patch(
    cli: Cli, sample: Path, outside: Path, tmp_path: Path, tree: Tree, name: str
) -> None:
    catalogue = own(tmp_path, HARMLESS, f'add_file = "{name}"\nimport = ["x"]')
    files = catalogue / "sample" / "own" / "files"
    files.mkdir()
    for place in (files / "x.py", files.parent / "x.py"):
        place.write_text("x = 1\n")
    before = tree(tmp_path)
    for command in ("plan", "apply"):
        answer = cli(command, sample, "--catalog", catalogue, "-p", "sample/own", "--json")
        assert (answer.code, answer.error["code"]) == (5, "bad-catalogue")
    assert tree(tmp_path) == before


@pytest.mark.parametrize("path", ["linked/frontend.py", "**/frontend.py", "*/frontend.py"])
def test_a_path_through_a_link_to_the_outside(
    cli: Cli, sample: Path, outside: Path, tmp_path: Path, tree: Tree, path: str
) -> None:
    (sample / HARMLESS).rename(sample / "sample_tts/other.py")
    (sample / "linked").symlink_to(outside / "sample_tts")
    catalogue = own(tmp_path, path)
    before = tree(outside), tree(sample)
    answer = cli("apply", sample, "--catalog", catalogue, "-p", "sample/own", "--json")
    assert answer.code in {0, 3}
    assert answer.data["applied"] == []
    assert (tree(outside), tree(sample)) == before


def test_a_helper_that_is_a_link_to_the_outside_is_not_written_through(
    cli: Cli, sample: Path, outside: Path, tmp_path: Path, tree: Tree
) -> None:
    """The file that the patch lays out is already there, as a link to somebody else's."""
    catalogue = own(tmp_path, HARMLESS, 'add_file = "laid.py"\nimport = ["x"]')
    files = catalogue / "sample" / "own" / "files"
    files.mkdir()
    (files / "laid.py").write_text("x = 1\n")
    (sample / "sample_tts/laid.py").symlink_to(outside / "laid.py")
    before = tree(outside)
    answer = cli("apply", sample, "--catalog", catalogue, "-p", "sample/own", "--json")
    assert answer.code in {0, 3, 5}
    assert tree(outside) == before
