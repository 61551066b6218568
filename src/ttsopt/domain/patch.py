"""A patch as data: what it edits, why, at what risk, with which parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ttsopt.domain.effect import Device, Effect

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

    `scope` is a dotted definition (`F5TTS.infer`), empty for the whole file. `maximum` None means any number.
    `when` names parameter values for which the edit is made.
    """

    scope: str = ""
    minimum: int = 1
    maximum: int | None = None
    optional: bool = False
    when: Condition = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replace(Edit):
    """Put `replacement` in the place of every node that matches `pattern`."""

    pattern: str
    replacement: str


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


@dataclass(frozen=True, slots=True)
class FileTarget:
    """A file that a patch edits: paths tried in order, and the definition that the right one holds."""

    paths: tuple[str, ...]
    edits: tuple[Edit, ...]
    anchor: str = ""
    optional: bool = False


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
    """An entry of the catalogue: `patches/<system>/<name>/patch.toml`."""

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

    @property
    def system(self) -> str:
        """The id of the system that the patch belongs to."""
        return self.id.partition("/")[0]
