"""`replace`: something else in the place of each match."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from ttsopt.domain.edits.shown import short
from ttsopt.domain.patch import Edit


@dataclass(frozen=True, slots=True, kw_only=True)
class Replace(Edit):
    """Put `replacement` in the place of every node that matches `pattern`.

    A place within something that matches one of `spare` is as wanted. One behind a statement of `spare_after`, in
    its own block or one around it, is none.
    """

    operation = "replace"
    renamed: ClassVar[Mapping[str, str]] = {"pattern": "replace", "replacement": "with"}

    pattern: str
    replacement: str
    spare: tuple[str, ...] = ()
    spare_after: tuple[str, ...] = ()

    @property
    def is_condition(self) -> bool:
        """True if nothing is changed: the patch needs the construct to be there."""
        return self.pattern.strip() == self.replacement.strip()

    @property
    def counts(self) -> bool:
        """True unless it is a condition."""
        return not self.is_condition

    def words(self) -> str:
        """`find` for a condition."""
        if self.is_condition:
            return f"find {short(self.pattern)}"
        return f"replace {short(self.pattern)} with {short(self.replacement)}"

    def looked_for(self) -> str:
        """Return the pattern."""
        return self.pattern

    def parts(self) -> Iterator[tuple[str, str]]:
        """Yield pattern and replacement."""
        yield "looks for", self.pattern
        yield "puts there", self.replacement
