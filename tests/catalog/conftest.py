from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from toy_catalogue import SYSTEM

from ttsopt.catalog.catalogue import Catalogue
from ttsopt.catalog.load import load_catalogue
from ttsopt.errors import CannotRunError

HEAD = """
version = 1
summary = "s"
why = "w"
effect = "exact"
"""
FILE = '[[files]]\npaths = ["toy.py"]\n'
EDIT = '[[files.edits]]\nreplace = "a"\nwith = "b"\n'


@dataclass
class Shelf:
    """A catalogue of the test's own in the place of the one that comes with ttsopt."""

    folder: Path

    def system(self, text: str = SYSTEM, name: str = "toy") -> None:
        self.write(f"{name}/system.toml", text.replace('"toy"\nname', f'"{name}"\nname'))

    def patch(
        self, name: str = "quick", body: str = FILE + EDIT, *, head: str = HEAD, more: str = ""
    ) -> None:
        """`more` are keys of the patch itself, which TOML wants before the tables of `body`."""
        patch_id = name if "/" in name else f"toy/{name}"
        text = f'id = "{patch_id}"\n{head}{more}{body}'
        self.write(f"{patch_id}/patch.toml", text)

    def write(self, name: str, text: str | bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)

    def load(self, *extra: Path) -> Catalogue:
        return load_catalogue(extra)

    def problems(self, *extra: Path) -> list[str]:
        """Every problem, with the file's path from the folder."""
        with pytest.raises(CannotRunError) as caught:
            load_catalogue(extra)
        assert caught.value.code == "bad-catalogue"
        assert "list --check" in caught.value.hint
        lines = caught.value.message.splitlines()[1:]
        return [line.strip().removeprefix(f"{self.folder}/") for line in lines]


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    made = Shelf(tmp_path.resolve() / "shipped")
    made.system()
    monkeypatch.setattr("ttsopt.catalog.load.catalogue_folder", lambda: made.folder)
    return made
