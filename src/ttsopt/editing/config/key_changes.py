"""Content of config files as trees of plain values, and where two such trees differ."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

# A mapping of such trees, a list of them, or a tuple: one value, that equals what means the same.
Tree = Any
Path = tuple[Hashable, ...]

_BARE = re.compile(r"[\w-]+")


class Absent(Enum):
    """The type of `ABSENT`."""

    ABSENT = "not there"


ABSENT: Final = Absent.ABSENT


@dataclass(frozen=True, slots=True)
class TreeChange:
    """Values at a place of one tree and of another; `ABSENT` where nothing does."""

    path: Path
    base: Tree
    target: Tree


def differences(base: Tree, target: Tree, path: Path = ()) -> Iterator[TreeChange]:
    """Where two trees differ, in the order of `base`, then of what `target` adds.

    A list is one value: once somebody put another item before it, nobody can tell which one is meant.
    """
    if base == target:
        return
    if isinstance(base, dict) and isinstance(target, dict) and base and target:
        for key in dict.fromkeys([*base, *target]):
            yield from differences(base.get(key, ABSENT), target.get(key, ABSENT), (*path, key))
    else:
        yield TreeChange(path, base, target)


def item_differences(change: TreeChange) -> Iterator[TreeChange]:
    """A change of a list as changes of its items, where none comes or goes; any other change as it is.

    For a place where it is known that the list is the one of `base`.
    """
    base, target = change.base, change.target
    if not isinstance(base, list) or not isinstance(target, list) or len(base) != len(target):
        yield change
        return
    for index, pair in enumerate(zip(base, target, strict=True)):
        yield from differences(*pair, (*change.path, index))


def value_at(tree: Tree, path: Path) -> Tree:
    """Return what stands at a place, or `ABSENT`."""
    for part in path:
        index = isinstance(part, int) and isinstance(tree, list) and part < len(tree)
        if not index and not (isinstance(tree, dict) and part in tree):
            return ABSENT
        tree = tree[part]
    return tree


def with_value(tree: Tree, path: Path, value: Tree) -> Tree:
    """A tree with another value at a place whose parent is there; `ABSENT` takes it away."""
    if not path:
        return value
    out = tree.copy()
    if len(path) == 1 and value is ABSENT:
        del out[path[0]]
    else:
        below = out[path[0]] if len(path) > 1 else ABSENT
        out[path[0]] = with_value(below, path[1:], value)
    return out


def key_letters(part: Hashable) -> str:
    """A part of a place as it is written; what is no text is a tuple that ends in its letters."""
    return str(part[-1] if isinstance(part, tuple) else part)


def dotted(path: Path) -> str:
    """A place as `domain.dotted_key.split_key` reads it."""
    parts = [key_letters(part) for part in path]
    return ".".join(
        part if _BARE.fullmatch(part) else json.dumps(part, ensure_ascii=False) for part in parts
    )
