"""`add_file`: a helper module beside the file, and its import there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from ttsopt.domain.patch import Edit, Table, WrongKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class AddFile(Edit):
    """Lay a helper module of the patch beside the file, and import `names` from it there.

    `helper` is its file name, in the patch's own `files/` or in `_helpers/` of the catalogue. The editing engine
    never sees it: `operations/plan/helper_files.py` turns it into a file to create and an `EnsureImport`.
    """

    operation = "add_file"
    renamed: ClassVar[Mapping[str, str]] = {"helper": "add_file", "names": "import"}
    supports = True

    helper: str
    names: tuple[str, ...]

    @classmethod
    def prepared(cls, table: Table, wrong: WrongKeys) -> Table:
        """Ask for a name to import."""
        if table.get("import") == []:
            wrong.append(("import", ValueError("expected at least one name")))
        return table

    def words(self) -> str:
        """Name the helper and what is imported of it."""
        return f"add {self.helper} and import {', '.join(self.names)} from it"

    def parts(self) -> Iterator[tuple[str, str]]:
        """Yield the helper and the names."""
        yield "lays beside the file", self.helper
        yield "imports from it", ", ".join(self.names)
