"""The kinds of edits that a patch is made of, one class for each operation of the patch language."""

from __future__ import annotations

from dataclasses import dataclass

from ttsopt.domain.patch import Edit


@dataclass(frozen=True, slots=True, kw_only=True)
class Replace(Edit):
    """Put `replacement` in the place of every node that matches `pattern`.

    A place within something that matches one of `spare` is as wanted. One behind a statement of `spare_after`, in
    its own block or one around it, is none.
    """

    pattern: str
    replacement: str
    spare: tuple[str, ...] = ()
    spare_after: tuple[str, ...] = ()

    @property
    def is_condition(self) -> bool:
        """True if nothing is changed: the patch needs the construct to be there."""
        return self.pattern.strip() == self.replacement.strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Insert(Edit):
    """Put statements beside a statement that matches the first of `anchors` to match anything.

    `place` is `before` or `after`; of several matches, `pick` takes the `first` or the `last`.
    """

    code: str
    anchors: tuple[str, ...]
    place: str
    pick: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete(Edit):
    """Take out every statement that matches `pattern`; an emptied block keeps a `pass`."""

    pattern: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decorate(Edit):
    """Put `@decorator` above the functions or classes that `scope` names, below `@staticmethod` and its like."""

    decorator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetConstant(Edit):
    """Give `NAME = old` at the top of a module or class a new value."""

    name: str
    old: tuple[str, ...]
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDefault(Edit):
    """Give a parameter of the function `scope` a new default."""

    name: str
    old: tuple[str, ...]
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetArgument(Edit):
    """Give a keyword argument of the calls (or assigned calls) that match `call` a new value."""

    call: str
    name: str
    old: tuple[str, ...]
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnsureImport(Edit):
    """Have an import at the top of the module, once, however many patches need it.

    `statement` is one import, or an `if` with one import in each branch. `line`: it goes before the import that
    begins there, not before the first one of the file.
    """

    statement: str
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AddFile(Edit):
    """Lay a helper module of the patch beside the file, and import `names` from it there.

    `helper` is its file name, in the patch's own `files/` or in `_helpers/` of the catalogue.
    """

    helper: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetYaml(Edit):
    """Give a key of a YAML file a new value; all three are written as in that file.

    `key` is dotted as in TOML (`custom.is_half`, `'a.b'.c`), a number counts in a list. With `add`, a key that
    is missing is appended to its mapping, which must be there.
    """

    key: str
    old: tuple[str, ...]
    new: str
    add: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SetToml(Edit):
    """Give a key of a TOML file a new value; as `SetYaml`."""

    key: str
    old: tuple[str, ...]
    new: str
    add: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf(Edit):
    """Spellings of one intent across upstream's life: the first variant that fits is made.

    Else the first that is made already counts, else the first that is refused.
    """

    variants: tuple[Edit, ...]
