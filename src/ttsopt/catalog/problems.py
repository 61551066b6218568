"""Problems of a catalogue: each finding with its file and the key there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """A finding. `key` is written as in the file (`files[0].edits[2].with`), empty for the file as a whole."""

    file: str
    key: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.file, self.key, self.message) if part)

    def lines(self) -> tuple[str, ...]:
        """The same in lines of a list; a message may have several, such as those of a diff."""
        first, *rest = self.message.split("\n")
        return (f"  {replace(self, message=first)}", *(f"  {line}" for line in rest))


class KeyedError(ValueError):
    """Several findings within one table, each with the key below it that it is about."""

    def __init__(self, rows: Sequence[tuple[str, BaseException]]) -> None:
        super().__init__("; ".join(f"{key}: {error}" for key, error in rows))
        self.rows = tuple(rows)


class SchemaError(ValueError):
    """Everything that is wrong with the content of one file: keys and messages."""

    def __init__(self, rows: Iterable[tuple[str, str]]) -> None:
        self.rows = tuple(rows)
        super().__init__("; ".join(": ".join(filter(None, row)) for row in self.rows))
