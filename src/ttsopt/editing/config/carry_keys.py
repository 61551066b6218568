"""Settings that lie between two versions of a config file, told and carried over into a third version of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import PurePath
from typing import Protocol, Self

from ttsopt.editing.compose import ConflictError
from ttsopt.editing.config.key_changes import (
    ABSENT,
    Absent,
    Path,
    Tree,
    TreeChange,
    differences,
    item_differences,
    value_at,
    with_value,
)
from ttsopt.editing.config.text import Change, ConfigText, RefusedError, in_short
from ttsopt.editing.unparsable import UnparsableError, within_depth

Text = str | Absent


class Held(Enum):
    """How much of what one version of a config file sets, and another does not, a third one has.

    `ALL`: every such setting. `NONE`: not one, all are as in the other version. `SOME`: neither can be said.
    """

    ALL = "all"
    NONE = "none"
    SOME = "some"


@dataclass(frozen=True, slots=True)
class ChangedKey:
    """A dotted key, and its value in two versions as it is written there; `ABSENT` where there is none."""

    key: str
    base: Text
    target: Text


class ConfigFile(Protocol):
    """A config file that was read."""

    @property
    def config(self) -> ConfigText:
        """Its text."""

    @property
    def tree(self) -> Tree:
        """Its content."""

    def key(self, path: Path) -> str:
        """A place of the tree as a dotted key."""

    def value_text(self, path: Path) -> str:
        """The value at a place as it is written, or in words where it is written in several places."""

    def is_in_one_place(self, path: Path) -> bool:
        """Return True if the value at a place is one part of the text."""

    def offset(self, path: Path) -> int:
        """Where a place, or what is nearest above it, begins in the text; -1 where it does not say."""

    def candidates(self, change: TreeChange, base: Self, target: Self) -> Iterator[Change]:
        """Changes of the text that may make a change of the tree, the best first.

        Raises:
            RefusedError: There is none.
        """


def changed_keys(path: str, base: bytes, target: bytes) -> tuple[ChangedKey, ...]:
    """The settings in which two versions of a config file differ; a list counts as one value.

    A mapping that only one of the two has is one value as well.

    Raises:
        UnparsableError: One of them is not of the language that the file's name says.
    """
    with within_depth():
        before, after = _read(path, base), _read(path, target)
        rows = differences(before.tree, after.tree)
        return tuple(ChangedKey(before.key(row.path), *_texts(before, after, row)) for row in rows)


def holds(path: str, current: bytes, base: bytes, written: bytes) -> Held:
    """Return True if `current` has the settings that `written` has in place of those of `base`.

    Systems write their config files anew when they run, in another order and without comments
    (GPT-SoVITS: `tts_infer.yaml`), so that its bytes say little. Where the settings do not differ, or a version
    cannot be read, it is `SOME`, unless the bytes are those of a version.
    """
    if current in {written, base}:
        return Held.ALL if current == written else Held.NONE
    try:
        with within_depth():
            now = _read(path, current).tree
            rows = list(differences(_read(path, base).tree, _read(path, written).tree))
            values = [value_at(now, row.path) for row in rows]
    except UnparsableError:
        return Held.SOME
    if rows and all(value == row.target for value, row in zip(values, rows, strict=True)):
        return Held.ALL
    kept = rows and all(value == row.base for value, row in zip(values, rows, strict=True))
    return Held.NONE if kept else Held.SOME


def carry_keys(path: str, current: bytes, base: bytes, target: bytes) -> bytes:
    """`current` with every setting in which `base` and `target` differ taken from base's value to target's.

    All else stays byte for byte: comments, order, quotes. Values are written as they are in `target`; a key that
    is new stands last in its mapping. What `target` changes without a setting, such as a comment, is not carried,
    unless `current` is `base`: then the result is `target`.

    Raises:
        ConflictError: A setting has neither base's nor target's value, or cannot be changed without a change
            elsewhere or the loss of a comment; or a version cannot be read. `offset` is a place in
            `current` (-1: unknown).
    """
    if current in {base, target}:
        return target
    try:
        with within_depth():
            versions = _Versions(path, _read(path, base), _read(path, target))
            now = _read(path, current)
            for change in differences(versions.base.tree, versions.target.tree):
                now = versions.carried(now, change)
    except UnparsableError as error:
        raise ConflictError(f"it is {error.reason} (line {error.line})") from error
    return now.config.raw


@dataclass(frozen=True, slots=True)
class _Versions:
    """Two versions of the file at a path, and what becomes of a third one by a change between them."""

    path: str
    base: ConfigFile
    target: ConfigFile

    def carried(self, now: ConfigFile, change: TreeChange) -> ConfigFile:
        """The file with one setting changed."""
        value = value_at(now.tree, change.path)
        if value == change.target:
            return now
        if value != change.base:
            raise self._other_value(now, change)
        for step in self._steps(now, change):
            now = self._made(now, step)
        return now

    def _steps(self, now: ConfigFile, change: TreeChange) -> list[TreeChange]:
        """A value as a whole where it is written as in `base`; else a list item by item.

        So is one with comments, as the one on its last line is behind it, or in it once something is added.
        """
        items = list(item_differences(change))
        if items == [change] or self._is_as_in_base(now, change):
            return [change]
        return [step for item in items for step in self._steps(now, item)]

    def _is_as_in_base(self, now: ConfigFile, change: TreeChange) -> bool:
        if change.base is ABSENT or not now.is_in_one_place(change.path):
            return False
        text = now.value_text(change.path)
        return text == self.base.value_text(change.path) and "#" not in text

    def _made(self, now: ConfigFile, step: TreeChange) -> ConfigFile:
        """The file with a change, once it is seen that it says what it should and nothing else."""
        above = value_at(now.tree, step.path[:-1])
        if not step.path or not isinstance(above, list if _is_item(step) else dict):
            raise _conflict(now, step.path, "has no place: what it was in is gone")
        wanted = with_value(now.tree, step.path, step.target)
        try:
            for change in now.candidates(step, self.base, self.target):
                after = self._after(now, change)
                if after is not None and after.tree == wanted:
                    return after
        except RefusedError as error:
            raise _conflict(now, step.path, f"cannot be changed: {error.reason}") from error
        reason = "cannot be changed: the rest of the file would not mean the same"
        raise _conflict(now, step.path, reason)

    def _after(self, now: ConfigFile, change: Change) -> ConfigFile | None:
        try:
            return _read(self.path, now.config.raw_after(change))
        except UnparsableError:
            return None

    def _other_value(self, now: ConfigFile, change: TreeChange) -> ConflictError:
        base, target = _texts(self.base, self.target, change)
        found = _text(now, change.path, value_at(now.tree, change.path))
        reason = f"is {_said(found)}, neither {_said(base)} nor {_said(target)}"
        return _conflict(now, change.path, reason)


def _texts(base: ConfigFile, target: ConfigFile, row: TreeChange) -> tuple[Text, Text]:
    return _text(base, row.path, row.base), _text(target, row.path, row.target)


def _text(file: ConfigFile, path: Path, value: Tree) -> Text:
    return ABSENT if value is ABSENT else file.value_text(path)


def _said(text: Text) -> str:
    return ABSENT.value if isinstance(text, Absent) else in_short(text)


def _is_item(step: TreeChange) -> bool:
    """Return True if it is a change of an item of a list; a document of YAML is told by its number too."""
    return len(step.path) > 1 and isinstance(step.path[-1], int)


def _conflict(file: ConfigFile, path: Path, reason: str) -> ConflictError:
    offset = file.offset(path)
    start = file.config.splice(Change(offset, offset, "")).start if offset >= 0 else offset
    return ConflictError(f"`{file.key(path)}` {reason}", start)


def _read(path: str, raw: bytes) -> ConfigFile:
    """Read a file by its name; PyYAML and tomlkit are for those alone who have such a file to carry."""
    if PurePath(path).suffix.lower() == ".toml":
        from ttsopt.editing.config.toml_carry import TomlFile

        return TomlFile.of(raw)
    from ttsopt.editing.config.yaml_carry import YamlFile

    return YamlFile.of(raw)
