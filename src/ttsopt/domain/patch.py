"""A patch as data: what it edits, why, at what risk, with which parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from ttsopt.domain.effect import Device, Effect, Tolerance

Scalar = bool | int | float | str
Condition = Mapping[str, tuple[Scalar, ...]]


@dataclass(frozen=True, slots=True)
class Claim:
    """A figure that somebody stated, to be printed beside what was measured."""

    figure: str
    source: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that the user may set: `ttsopt apply --set PATCH.PARAM=VALUE`.

    `named` maps a word (`auto`) to the Python expression that stands for it in the patched code, so that
    such a value resolves when that code runs, on the machine where it runs.
    """

    name: str
    kind: str  # int, float, bool or str
    default: Scalar
    help: str
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[Scalar, ...] = ()
    named: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What every edit has: where it looks, how many places it must find, when it takes part.

    `scope` is a dotted definition (`F5TTS.infer`; `*` stands for any run of letters in a name), empty for the
    whole file. `maximum` None means any number. `when` names parameter values for which the edit is made.
    """

    scope: str = ""
    minimum: int = 1
    maximum: int | None = None
    optional: bool = False
    when: Condition = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replace(Edit):
    """Put `replacement` in the place of every node that matches `pattern`.

    `hoist` is a statement inserted once, before the first place, in the nearest block that runs before all.
    """

    pattern: str
    replacement: str
    hoist: str = ""


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
    """Have an import at the top of the module, once, however many patches need it."""

    statement: str


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


class Base(Enum):
    """What a path of a patch is relative to: the system's root, or the top of the checkout that holds it."""

    ROOT = "root"
    CHECKOUT = "checkout"


@dataclass(frozen=True, slots=True)
class FileTarget:
    """A file that a patch edits: paths tried in order, and the definition that the right one holds.

    A path may hold `*`, and `**` for any folders; such a one is looked for where no plain path fits. In a YAML
    or TOML file `anchor` is a key.
    """

    paths: tuple[str, ...]
    edits: tuple[Edit, ...]
    anchor: str = ""
    optional: bool = False
    base: Base = Base.ROOT


@dataclass(frozen=True, slots=True)
class Fact:
    """What must hold of a file before a patch is taken; read as data, nothing is executed or unpickled.

    The first of `paths` that is there counts. With `shape`, it is the header of an `.npy` file; with `key`, the
    value there (YAML, TOML, JSON by the file's name) equals `equals`; else the file is there, or, with `present`
    false, none of them is. `why` says to the user what the patch needs it for.
    """

    paths: tuple[str, ...]
    why: str
    base: Base = Base.ROOT
    present: bool = True
    shape: tuple[int, ...] = ()
    key: str = ""
    equals: Scalar | None = None


@dataclass(frozen=True, slots=True)
class Requirements:
    """Patches that must be applied with this one, and facts about the checkout's files."""

    patches: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence about the checkout at hand, said where `defines` is present (or is missing) in one of `paths`.

    `when` and `unless` limit it to values of the patch's parameters.
    """

    text: str
    paths: tuple[str, ...]
    defines: str
    present: bool = True
    when: Condition = field(default_factory=dict)
    unless: Condition = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Patch:
    """An entry of the catalogue: `patches/<system>/<name>/patch.toml`.

    `after` names patches whose text comes first where both insert at one place; `rank` is how many such steps
    lie before this one. `helpers` holds the files that `AddFile` lays out, by name. `tolerance`: of `close` alone.
    """

    id: str
    version: int
    summary: str
    why: str
    effect: Effect
    files: tuple[FileTarget, ...]
    device: Device = Device.ANY
    claims: tuple[Claim, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    notes: tuple[Note, ...] = ()
    requires: Requirements = field(default_factory=Requirements)
    conflicts: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    rank: int = 0
    helpers: Mapping[str, bytes] = field(default_factory=dict)
    tolerance: Tolerance | None = None

    @property
    def system(self) -> str:
        """The id of the system that the patch belongs to."""
        return self.id.partition("/")[0]
