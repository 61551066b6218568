"""`set_yaml` and `set_toml`: a value of a config file that is changed, or a key that is added."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from ttsopt.domain.edits.shown import either
from ttsopt.domain.edits.values import check_old
from ttsopt.domain.patch import Edit, Table, WrongKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class _SetKey(Edit):
    """Give a key of a config file a new value; all three are written as in that file.

    `key` is dotted as in TOML (`custom.is_half`, `'a.b'.c`), a number counts in a list. With `add`, a key that
    is missing is appended to its mapping, which must be there.
    """

    # Between key and value.
    sign: ClassVar[str]

    key: str
    old: tuple[str, ...]
    new: str
    add: bool = False

    @classmethod
    def prepared(cls, table: Table, wrong: WrongKeys) -> Table:
        """Take a table without old values where the key may be missing."""
        if table.get("add") is True:
            return {"old": [], **table}
        check_old(table, wrong)
        return table

    def words(self) -> str:
        """Name the key and its new value."""
        return f"set {self.key} to {self.new}"

    def looked_for(self) -> str:
        """Return the key with its old values."""
        return f"{self.key}: {either(self.old)}"

    def parts(self) -> Iterator[tuple[str, str]]:
        """Yield the old values, the new one, and what becomes of a missing key."""
        if self.old:
            yield "looks for", f"{self.key}{self.sign}{either(self.old)}"
        yield "puts there", f"{self.key}{self.sign}{self.new}"
        if self.add:
            yield "adds, where there is no such key", self.key


@dataclass(frozen=True, slots=True, kw_only=True)
class SetYaml(_SetKey):
    """Give a key of a YAML file a new value."""

    operation = "set_yaml"
    renamed: ClassVar[Mapping[str, str]] = {"key": "set_yaml"}
    suffixes = (".yaml", ".yml")
    sign = ": "


@dataclass(frozen=True, slots=True, kw_only=True)
class SetToml(_SetKey):
    """Give a key of a TOML file a new value."""

    operation = "set_toml"
    renamed: ClassVar[Mapping[str, str]] = {"key": "set_toml"}
    suffixes = (".toml",)
    sign = " = "
