"""What users run of a checkout, as `discover` says it."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_driver import Cli
from toy_catalogue import SYSTEM


@pytest.mark.parametrize("root", [".", "third_party/Toy"])
def test_discover_names_what_is_run(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: str
) -> None:
    catalogue = tmp_path / "catalogue"
    (catalogue / "toy").mkdir(parents=True)
    (catalogue / "toy" / "system.toml").write_text(SYSTEM, encoding="utf-8")
    monkeypatch.setattr("ttsopt.catalog.load.catalogue_folder", lambda: catalogue)
    folder = tmp_path / "checkout" / root
    folder.mkdir(parents=True)
    (folder / "toy.py").write_text("class Toy: ...\n", encoding="utf-8")
    (folder / "my_webui.py").write_text("from toy import Toy\n", encoding="utf-8")
    (folder / "app.py").write_text("import os\n", encoding="utf-8")
    above = "" if root == "." else f"{root}/"
    (row,) = cli("discover", tmp_path / "checkout", "--json").data["systems"]
    assert row["entry_points"] == [
        {"file": f"{above}my_webui.py", "runs": [f"{above}toy.py"]},
        {"file": f"{above}app.py", "runs": []},
    ]
    said = cli("discover", tmp_path / "checkout").out
    assert f"  entry point {above}my_webui.py: {above}toy.py\n" in said
    assert "app.py" not in said
