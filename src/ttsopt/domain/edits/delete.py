"""`delete`: statements that are taken out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from ttsopt.domain.edits.shown import short
from ttsopt.domain.patch import Edit


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete(Edit):
    """Take out every statement that matches `pattern`; an emptied block keeps a `pass`."""

    operation = "delete"
    renamed: ClassVar[Mapping[str, str]] = {"pattern": "delete"}

    pattern: str

    def words(self) -> str:
        """Name the pattern."""
        return f"delete {short(self.pattern)}"

    def looked_for(self) -> str:
        """Return the pattern."""
        return self.pattern

    def parts(self) -> Iterator[tuple[str, str]]:
        """Yield the pattern."""
        yield "takes out", self.pattern
