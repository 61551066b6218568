"""Further conditions for a patch to be taken: patches that it needs or excludes, facts about files."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ttsopt.domain.patch import Patch
from ttsopt.domain.plan import PlannedPatch
from ttsopt.operations.plan.baseline import Baseline

if TYPE_CHECKING:
    from ttsopt.domain.system import FoundSystem


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why a patch is not taken: a word for scripts, a sentence, and what to do."""

    why: str
    reason: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Relations:
    """Who excludes whom, both ways, over a catalogue."""

    excluded: Mapping[str, frozenset[str]]

    def unmet(self, patch: Patch, taken: Collection[str], present: Collection[str]) -> Unfit | None:
        """Return what is in a patch's way, given those `taken` and `present`, by ttsopt or not, at its root."""
        missing = [one for one in patch.requires.patches if one not in present]
        if missing:
            hint = "Name both: " + " ".join(f"-p {one}" for one in [*missing, patch.id])
            return Unfit("requirement", f"it needs {', '.join(missing)}", hint)
        excluding = sorted(self.excluded.get(patch.id, frozenset()) & set(taken))
        if excluding:
            hint = f"`ttsopt rollback -p {excluding[0]}` makes room for it."
            return Unfit("conflict", f"it does not go together with {', '.join(excluding)}", hint)
        return None


def relations_of(patches: Iterable[Patch]) -> Relations:
    """The relations of a catalogue."""
    excluded: dict[str, set[str]] = {}
    for patch in patches:
        for other in patch.conflicts:
            excluded.setdefault(patch.id, set()).add(other)
            excluded.setdefault(other, set()).add(patch.id)
    return Relations({one: frozenset(others) for one, others in excluded.items()})


def in_order(patches: Iterable[Patch]) -> list[Patch]:
    """Patches such that each comes behind what it requires and comes after."""
    return sorted(patches, key=lambda patch: (patch.rank, patch.id))


def unmet_fact(baseline: Baseline, found: FoundSystem, fitted: PlannedPatch) -> Unfit | None:
    """The first fact about the checkout's files that does not hold."""
    if not fitted.patch.requires.facts:
        return None
    from ttsopt.catalog.parameters import fill
    from ttsopt.discovery.facts import unmet
    from ttsopt.operations.plan.target_files import base_folder

    values = {name: str(value) for name, value in fitted.parameters.items()}
    for fact in fitted.patch.requires.facts:
        paths = tuple(fill(path, values) for path in fact.paths)
        found_out = unmet(base_folder(baseline, found, fact.base), replace(fact, paths=paths))
        if found_out:
            return Unfit("requirement", f"{found_out}; {fact.why}")
    return None
