"""Values that the user has changed, where a patch expects upstream's."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_driver import Cli, Tree
from toy_catalogue import FILE, SYSTEM, head

CODE = "STEPS = 16  # mine\n\n\nclass Toy:\n    def speak(self, steps=16): ...\n"
YAML = "steps: 16  # mine\n"
TOML = "steps = 16  # mine\n"
EDITS = {
    "const": ("toy.py", 'set_const = "STEPS"\n', "STEPS = 7  # mine"),
    "default": ("toy.py", 'in = "Toy.speak"\nset_default = "steps"\n', "steps=7"),
    "yaml": ("toy.yaml", 'set_yaml = "steps"\n', "steps: 7  # mine"),
    "toml": ("toy.toml", 'set_toml = "steps"\n', "steps = 7  # mine"),
}


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A catalogue of patches that each set one value, in a file of its kind."""
    folder = tmp_path / "own" / "toy"
    for name, (path, edit, _) in EDITS.items():
        (folder / name).mkdir(parents=True)
        values = '[[files.edits]]\nold = ["32"]\nnew = "7"\n' + edit
        text = head(name) + FILE.format(path=path) + values
        (folder / name / "patch.toml").write_text(text)
    (folder / "system.toml").write_text(SYSTEM)
    return folder.parent


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    folder.mkdir()
    for name, text in (("toy.py", CODE), ("toy.yaml", YAML), ("toy.toml", TOML)):
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize("name", EDITS)
def test_a_value_of_ones_own_is_replaced_when_asked_and_comes_back(
    cli: Cli, checkout: Path, own: Path, tree: Tree, name: str
) -> None:
    before = tree(checkout)
    asked = ("-p", f"toy/{name}", "--catalog", own)
    refused = cli("apply", checkout, *asked, "--json")
    assert (refused.code, tree(checkout)) == (3, before)
    assert "--replace-own" in refused.data["refused"][0]["hint"]
    assert cli("apply", checkout, *asked, "--replace-own").code == 0
    path, _, expected = EDITS[name]
    assert expected in (checkout / path).read_text()
    for command in (("apply", *asked), ("reapply", "--catalog", own)):
        again = cli(command[0], checkout, *command[1:], "--json").data
        assert [row["why"] for row in again["already"]] == ["applied"]
    cli("rollback", checkout)
    assert tree(checkout) == before


@pytest.mark.parametrize("value", ["choose()", "16 if FAST else 32"])
def test_a_value_that_the_code_alone_does_not_tell_stays(
    cli: Cli, checkout: Path, own: Path, tree: Tree, value: str
) -> None:
    (checkout / "toy.py").write_text(CODE.replace("STEPS = 16", f"STEPS = {value}"))
    before = tree(checkout)
    answer = cli("apply", checkout, "-p", "toy/const", "--catalog", own, "--replace-own", "--json")
    assert (answer.code, tree(checkout)) == (3, before)
    assert "--replace-own" not in answer.data["refused"][0]["hint"]
