"""What is elsewhere of a patch that is absent, as people and scripts see it."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_driver import Cli
from toy_catalogue import SYSTEM, head

PATCH = """
[[files]]
paths = ["toy.py"]
[[files.edits]]
in = "Toy.speak"
delete = "torch.cuda.empty_cache()"
"""
MOVED = "import torch\n\n\ndef free():\n    torch.cuda.empty_cache()\n"
DIFFERENCE = "not in toy.py; in `free`, where the patch looks in `Toy.speak`"
HINT = "If it is the same construct, change it by hand, or with a diff of your own: --patch-file."


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    catalogue = tmp_path / "catalogue"
    (catalogue / "toy" / "clears").mkdir(parents=True)
    (catalogue / "toy" / "system.toml").write_text(SYSTEM, encoding="utf-8")
    (catalogue / "toy" / "clears" / "patch.toml").write_text(
        head("clears") + PATCH, encoding="utf-8"
    )
    monkeypatch.setattr("ttsopt.catalog.load.catalogue_folder", lambda: catalogue)
    folder = tmp_path / "checkout"
    folder.mkdir()
    (folder / "toy.py").write_text("class Toy:\n    def speak(self): ...\n", encoding="utf-8")
    (folder / "helper.py").write_text(MOVED, encoding="utf-8")
    return folder


@pytest.mark.parametrize("command", ["plan", "apply"])
def test_every_plan_prints_a_line_for_each_place(cli: Cli, checkout: Path, command: str) -> None:
    answer = cli(command, checkout)
    assert answer.code == 0
    said = [line.strip() for line in (answer.err if command == "plan" else answer.out).splitlines()]
    assert said[:3] == [
        "- toy/clears  absent: it is not where the patch looks for it, but seen elsewhere",
        f"seen at helper.py:5: {DIFFERENCE}",
        HINT,
    ]


def test_the_table_of_a_checkout_has_them_below_its_row(cli: Cli, checkout: Path) -> None:
    said = [" ".join(line.split()) for line in cli("list", checkout).out.splitlines()]
    row = said.index("clears exact any - absent")
    assert said[row + 1 : row + 3] == [f"seen at helper.py:5: {DIFFERENCE}", HINT]


@pytest.mark.parametrize("command", ["plan", "apply", "list"])
def test_json_has_a_row_for_each(cli: Cli, checkout: Path, command: str) -> None:
    answer = cli(command, checkout, "--json")
    (row,) = answer.data["absent"]
    assert (answer.code, row["why"]) == (0, "absent")
    text = "torch.cuda.empty_cache()"
    place = {"file": "helper.py", "line": 5, "text": text, "difference": DIFFERENCE, "hint": HINT}
    assert row["seen_elsewhere"] == [place]
    (checkout / "helper.py").unlink()
    assert cli(command, checkout, "--json").data["absent"][0]["seen_elsewhere"] == []
