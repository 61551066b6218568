"""`insert` and `ensure_import`: statements that are added."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from ttsopt.domain.edits.shown import either, short
from ttsopt.domain.patch import Edit, Table, WrongKeys

SIDES = ("before", "after")


@dataclass(frozen=True, slots=True, kw_only=True)
class Insert(Edit):
    """Put statements beside a statement that matches the first of `anchors` to match anything.

    `place` is `before` or `after`, and as a key it holds the anchors; of several matches, `pick` takes the `first`
    or the `last`.
    """

    operation = "insert"
    renamed: ClassVar[Mapping[str, str]] = {"code": "insert"}
    computed = (*Edit.computed, "anchors", "place")
    further_keys = (*Edit.further_keys, *SIDES)

    code: str
    anchors: tuple[str, ...]
    place: str
    pick: str

    @classmethod
    def prepared(cls, table: Table, wrong: WrongKeys) -> Table:
        """Turn `before = [...]` or `after = [...]` into anchors and the side they are on."""
        sides = [side for side in SIDES if side in table]
        rest = {key: value for key, value in table.items() if key not in sides}
        if len(sides) != 1:
            wrong.append(("", ValueError("insert needs either `before` or `after`")))
        if rest.get("pick", "first") not in {"first", "last"}:
            wrong.append(("pick", ValueError("it is first or last")))
        place = sides[0] if sides else "before"
        anchors = _anchors(sides[0], table[sides[0]], wrong) if sides else ["_"]
        pick = "first" if place == "before" else "last"
        return {"pick": pick, **rest, "anchors": anchors, "place": place}

    def key_of(self, name: str) -> str:
        """Return the side for the anchors."""
        return self.place if name == "anchors" else self.file_key(name)

    def words(self) -> str:
        """Name the first anchor alone."""
        return f"insert {short(self.code)} {self.place} {short(self.anchors[0])}"

    def looked_for(self) -> str:
        """Return the anchors."""
        return either(self.anchors)

    def parts(self) -> Iterator[tuple[str, str]]:
        """Yield every anchor, then the code."""
        for number, anchor in enumerate(self.anchors):
            yield f"{'or' if number else 'looks for'} the {self.pick}", anchor
        yield f"puts {self.place} it", self.code


@dataclass(frozen=True, slots=True, kw_only=True)
class EnsureImport(Edit):
    """Have an import at the top of the module, once, however many patches need it.

    `statement` is one import, or an `if` with one import in each branch. `line`: it goes before the import that
    begins there, not before the first one of the file.
    """

    operation = "ensure_import"
    renamed: ClassVar[Mapping[str, str]] = {"statement": "ensure_import"}
    supports = True

    statement: str
    line: int = 0

    def words(self) -> str:
        """Name the statement."""
        return f"have `{self.statement}`"

    def looked_for(self) -> str:
        """Return the statement."""
        return self.statement

    def parts(self) -> Iterator[tuple[str, str]]:
        """Yield the statement."""
        yield "needs at the top of the module", self.statement


def _anchors(side: str, value: object, wrong: WrongKeys) -> list[str]:
    if value == []:
        wrong.append((side, ValueError("expected at least one statement")))
    listed = [value] if isinstance(value, str) else value
    if isinstance(listed, list) and all(isinstance(anchor, str) for anchor in listed):
        return listed
    wrong.append((side, TypeError("expected a statement, or a list of them")))
    return ["_"]
