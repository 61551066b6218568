"""Relations between patches, checked over the whole catalogue; and the order that follows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar

from ttsopt.catalog.problems import Problem
from ttsopt.domain.patch import Patch
from ttsopt.domain.system import System

T = TypeVar("T", bound=Patch | System)
Graph = Mapping[str, tuple[str, ...]]
Filing = Sequence["Filed[Patch]"]


@dataclass(frozen=True, slots=True)
class Filed(Generic[T]):
    """A patch or a system, and its file."""

    path: Path
    entry: T


def check_relations(patches: Filing, systems: set[str]) -> Iterator[Problem]:
    """Everything of patches that only the catalogue as a whole can tell; `systems` are the ids of all."""
    yield from check_unique(patches)
    known = {one.entry.id: one.entry for one in patches}
    for one in patches:
        for key, message in _of_one(one.entry, known, systems):
            yield Problem(str(one.path), key, message)
    files = {one.entry.id: one.path for one in patches}
    for cycle in _cycles({name: before(patch) for name, patch in known.items()}):
        message = f"a cycle of requires and after: {' -> '.join([*cycle, cycle[0]])}"
        yield Problem(str(files[cycle[0]]), "after", message)


def ranked(patches: Sequence[Patch]) -> tuple[Patch, ...]:
    """The patches with their `rank`: how many others lie before each, on the longest way."""
    graph = {patch.id: before(patch) for patch in patches}
    ranks: dict[str, int] = {}
    for patch in patches:
        _rank(patch.id, graph, ranks, frozenset())
    return tuple(replace(patch, rank=ranks[patch.id]) for patch in patches)


def before(patch: Patch) -> tuple[str, ...]:
    """The patches that come before one: what it requires, and what it names as `after`."""
    return tuple(dict.fromkeys((*patch.requires.patches, *patch.after)))


def _rank(name: str, graph: Graph, ranks: dict[str, int], above: frozenset[str]) -> int:
    if name not in ranks:
        # A cycle and an unknown patch are told elsewhere; here they only must end.
        earlier = [one for one in graph[name] if one in graph and one not in above | {name}]
        found = [_rank(one, graph, ranks, above | {name}) + 1 for one in earlier]
        ranks[name] = max(found, default=0)
    return ranks[name]


def check_unique(rows: Sequence[Filed[T]]) -> Iterator[Problem]:
    """Ids that several files have."""
    counts = Counter(one.entry.id for one in rows)
    for one in rows:
        if counts[one.entry.id] > 1:
            others = [row.path for row in rows if row.entry.id == one.entry.id and row is not one]
            listed = ", ".join(map(str, others))
            yield Problem(str(one.path), "id", f"{one.entry.id} is also that of {listed}")


def _of_one(
    patch: Patch, known: Mapping[str, Patch], systems: set[str]
) -> Iterator[tuple[str, str]]:
    if patch.system not in systems:
        listed = ", ".join(sorted(systems))
        yield "id", f"there is no system {patch.system!r}; there are {listed}"
    for key, names in _named(patch):
        for number, name in enumerate(names):
            wrong = _wrong_name(patch, name, known)
            if wrong:
                yield f"{key}[{number}]", wrong
    yield from _contradictions(patch, known)


def _named(patch: Patch) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return (
        ("requires.patches", patch.requires.patches),
        ("conflicts", patch.conflicts),
        ("after", patch.after),
    )


def _wrong_name(patch: Patch, name: str, known: Mapping[str, Patch]) -> str:
    if name == patch.id:
        return "a patch cannot name itself"
    if name not in known:
        return f"there is no patch {name!r}"
    if known[name].system != patch.system:
        return f"{name} is for another system"
    return ""


def _contradictions(patch: Patch, known: Mapping[str, Patch]) -> Iterator[tuple[str, str]]:
    """A patch that cannot be taken: it, or what it requires, conflicts with something required."""
    together = [patch.id, *_required(patch, known)]
    for one in together:
        for other in known[one].conflicts if one in known else ():
            if other in together:
                yield "requires.patches", f"{one} conflicts with {other}, which is taken with it"


def _required(patch: Patch, known: Mapping[str, Patch]) -> list[str]:
    found: dict[str, None] = {}
    waiting = list(patch.requires.patches)
    while waiting:
        name = waiting.pop()
        if name in known and name not in found and name != patch.id:
            found[name] = None
            waiting += known[name].requires.patches
    return list(found)


def _cycles(graph: Graph) -> Iterator[tuple[str, ...]]:
    """Every cycle once, beginning at its first name; a patch that names itself is told elsewhere."""
    seen: set[frozenset[str]] = set()
    for start in sorted(graph):
        way = _way_back(start, graph)
        if len(way) > 1 and frozenset(way) not in seen:
            seen.add(frozenset(way))
            yield way


def _way_back(start: str, graph: Graph) -> tuple[str, ...]:
    """The shortest way from a patch to itself, without its end; empty where there is none."""
    ways: list[tuple[str, ...]] = [(start,)]
    reached = {start}
    for way in ways:
        for name in graph.get(way[-1], ()):
            if name == start:
                return way
            if name not in reached:
                reached.add(name)
                ways.append((*way, name))
    return ()
