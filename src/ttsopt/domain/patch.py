"""A patch as data: what it edits, why, at what risk, with which parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import Any, ClassVar

from ttsopt.domain.effect import Device, Effect, Tolerance

Scalar = bool | int | float | str
Condition = Mapping[str, tuple[Scalar, ...]]
Table = dict[str, Any]
# Keys of a table, and what is wrong with the values there.
WrongKeys = list[tuple[str, BaseException]]


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
    """The part that all edits have: where to look, how many places to find, when to take part.

    `scope` is a dotted definition (`F5TTS.infer`; `*` stands for any run of letters in a name), empty for the
    whole file. `maximum` None means any number; with `alike`, only of places that have one shape. `when` names
    parameter values for which the edit is made. `essential` marks what the patch is about: where none of its
    essential edits finds its place, nothing is made. `own_values`: of an edit that gives a value another, any
    literal that the user has put there is an old one.

    An operation is a subclass in `domain/edits/`, and describes itself there by what follows the fields.
    """

    scope: str = ""
    minimum: int = 1
    maximum: int | None = None
    alike: bool = False
    optional: bool = False
    essential: bool = False
    own_values: bool = False
    when: Condition = field(default_factory=dict)

    # The key of a table in `patch.toml` that tells the operation; fields that have another key than their name;
    # fields that no key gives; keys that give no field of their own.
    operation: ClassVar[str]
    renamed: ClassVar[Mapping[str, str]] = {}
    computed: ClassVar[tuple[str, ...]] = ("minimum", "maximum", "alike", "own_values")
    further_keys: ClassVar[tuple[str, ...]] = ("expect",)
    # Files that it can be made in; True if `scope` must name a definition; True if it only goes with other edits.
    suffixes: ClassVar[tuple[str, ...]] = (".py",)
    needs_scope: ClassVar[bool] = False
    supports: ClassVar[bool] = False

    @classmethod
    def prepared(cls, table: Table, wrong: WrongKeys) -> Table:  # noqa: ARG003 - for those that override it
        """Return a table with a key for every field; problems go to `wrong`."""
        return table

    @classmethod
    def file_key(cls, name: str) -> str:
        """Return the key of a field in the file."""
        return {"scope": "in", **cls.renamed}.get(name, name)

    def key_of(self, name: str) -> str:
        """Return the key of a field in the table that this edit was read from."""
        return self.file_key(name)

    @property
    def counts(self) -> bool:
        """True if finding it is a reason for the patch to be there."""
        return not self.supports

    def describe(self) -> str:
        """Return the edit in a few plain words, with its definition."""
        return self.words() + (f" in {self.scope}" if self.scope else "")

    def words(self) -> str:
        """Return what is done, in a few plain words."""
        raise NotImplementedError

    def looked_for(self) -> str:
        """Return the construct that the edit looks for, as the patch has it."""
        raise NotImplementedError

    def taking_own(self) -> Edit:
        """Return the edit as it also replaces a value of the user's own."""
        return replace(self, own_values=True)

    def parts(self) -> Iterator[tuple[str, str]]:
        """Yield its pieces of code, each behind what it is."""
        raise NotImplementedError


class Base(Enum):
    """Base that a path of a patch is relative to: the system's root, or the top of the checkout that holds it."""

    ROOT = "root"
    CHECKOUT = "checkout"


@dataclass(frozen=True, slots=True)
class FileTarget:
    """A file that a patch edits: paths tried in order, and the definition that the right one holds.

    A path may hold `*`, and `**` for any folders; such a one is looked for where no plain path fits. In a YAML
    or TOML file `anchor` is a key. An `optional` one may lack the file, or all that its edits look for; where some
    of it is there, so must be the rest. With `if_there` the file may be missing, but none of its constructs.
    """

    paths: tuple[str, ...]
    edits: tuple[Edit, ...]
    anchor: str = ""
    optional: bool = False
    if_there: bool = False
    base: Base = Base.ROOT


@dataclass(frozen=True, slots=True)
class Fact:
    """Condition on a file before a patch is taken; read as data, nothing is executed or unpickled.

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
    """Patches that must be applied with this one, and facts about the checkout's files.

    `packages` (such as `deepspeed>=0.14`) and the `compute_capability` of a GPU (such as `8.0`) are of the place
    that the checkout runs in: applying, which reads text alone, does not look at them; a benchmark does.
    """

    patches: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    packages: tuple[str, ...] = ()
    compute_capability: str = ""


@dataclass(frozen=True, slots=True)
class Argument:
    """The mechanism by which a patch helps where nobody has measured it, and on which devices.

    `on` are classes as `--device` takes them; of an instruction set or a compute capability, that one or better.
    """

    because: str
    on: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cost:
    """The price of a patch, such as memory or a slower start.

    `needs_proof`: it is so high that an argument alone does not outweigh it.
    """

    what: str
    needs_proof: bool = False


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
    `guard` says what goes wrong for nearly everybody: only those who force such a patch get it. `argued` and
    `cost` decide, with what was measured, if it is taken without being named (`domain/evidence_level.py`).
    `home` is the folder that it was read from; None of a patch that is made of something else.
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
    guard: str = ""
    argued: Argument | None = None
    cost: Cost | None = None
    home: Path | None = field(default=None, compare=False)

    @property
    def system(self) -> str:
        """The id of the system that the patch belongs to."""
        return self.id.partition("/")[0]
