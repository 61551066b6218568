"""`decorate`: a decorator above a definition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from ttsopt.domain.patch import Edit


@dataclass(frozen=True, slots=True, kw_only=True)
class Decorate(Edit):
    """Put `@decorator` above the functions or classes that `scope` names, below `@staticmethod` and its like."""

    operation = "decorate"
    renamed: ClassVar[Mapping[str, str]] = {"decorator": "decorate"}
    needs_scope = True

    decorator: str

    def words(self) -> str:
        """Name the decorator."""
        return f"put `@{self.decorator}` above the definition"

    def looked_for(self) -> str:
        """Return the definition's name."""
        return f"the definition of {self.scope}"

    def parts(self) -> Iterator[tuple[str, str]]:
        """Yield the decorator."""
        yield "puts above the definition", f"@{self.decorator}"
