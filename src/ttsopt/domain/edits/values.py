"""`set_const`, `set_default`, `set_arg`: a value of Python code that is changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from ttsopt.domain.edits.shown import either, short
from ttsopt.domain.patch import Edit, Table, WrongKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class _SetValue(Edit):
    """The part that the three have in common."""

    name: str
    old: tuple[str, ...]
    new: str

    @classmethod
    def prepared(cls, table: Table, wrong: WrongKeys) -> Table:
        """Ask for an old value: without one, nothing would be told from another value."""
        check_old(table, wrong)
        return table

    def looked_for(self) -> str:
        """Return the name with its old values."""
        return f"{self.name} = {either(self.old)}"

    def parts(self) -> Iterator[tuple[str, str]]:
        """Yield the old values and the new one."""
        yield "looks for", f"{self.name} = {either(self.old)}"
        yield "puts there", f"{self.name} = {self.new}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetConstant(_SetValue):
    """Give `NAME = old` at the top of a module or class a new value."""

    operation = "set_const"
    renamed: ClassVar[Mapping[str, str]] = {"name": "set_const"}

    def words(self) -> str:
        """Name the constant and its new value."""
        return f"set {self.name} to {self.new}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDefault(_SetValue):
    """Give a parameter of the function `scope` a new default."""

    operation = "set_default"
    renamed: ClassVar[Mapping[str, str]] = {"name": "set_default"}
    needs_scope = True

    def words(self) -> str:
        """Name the parameter and its new default."""
        return f"set the default of {self.name} to {self.new}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetArgument(_SetValue):
    """Give a keyword argument of the calls (or assigned calls) that match `call` a new value."""

    operation = "set_arg"
    renamed: ClassVar[Mapping[str, str]] = {"name": "set_arg"}

    call: str

    def words(self) -> str:
        """Name the argument, its new value and the call."""
        return f"set {self.name}={self.new} in {short(self.call)}"

    def looked_for(self) -> str:
        """Return the argument with its old values, and the call."""
        return f"{self.name}={either(self.old)} in {self.call}"

    def parts(self) -> Iterator[tuple[str, str]]:
        """Yield the call and the values."""
        yield "looks for", self.call
        yield "puts there", f"{self.name}={self.new} (now {either(self.old)})"


def check_old(table: Table, wrong: WrongKeys) -> None:
    """Add to `wrong` that a table lists no old value."""
    if table.get("old") == []:
        wrong.append(("old", ValueError("expected at least one value")))
