"""A catalogue once it is read: systems, patches and where they lie."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ttsopt.domain.patch import Patch
from ttsopt.errors import UsageError

if TYPE_CHECKING:
    from ttsopt.domain.system import System


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All systems and patches of one or several folders, in the order of their ids.

    `homes` has the folder of every patch, by its id.
    """

    folders: tuple[Path, ...] = ()
    systems: tuple[System, ...] = ()
    patches: tuple[Patch, ...] = ()
    homes: Mapping[str, Path] = field(default_factory=dict)

    def patch(self, patch_id: str, among: Collection[str] = ()) -> Patch:
        """The patch of that id.

        Raises:
            UsageError: There is none; what is like it is looked for in the systems `among`, else in all.
        """
        found = next((patch for patch in self.patches if patch.id == patch_id), None)
        if found is None:
            raise UsageError(
                "unknown-patch", f"there is no patch {patch_id!r}", self._nearest(patch_id, among)
            )
        return found

    def patches_of(self, system: System) -> tuple[Patch, ...]:
        """The patches of one system."""
        return tuple(patch for patch in self.patches if patch.system == system.id)

    def folder_of(self, patch_id: str) -> Path:
        """The folder of a patch itself, with its `patch.toml`, `cases/` and `files/`."""
        return self.homes[patch_id]

    def _nearest(self, patch_id: str, among: Collection[str]) -> str:
        import difflib

        ids = [patch.id for patch in self.patches if not among or patch.system in among]
        name = patch_id.rpartition("/")[2]
        # A name without its system, then the spelling of either.
        near = [one for one in ids if one.partition("/")[2] == name]
        near += difflib.get_close_matches(patch_id, ids, n=1, cutoff=0.5)
        close = difflib.get_close_matches(name, [one.partition("/")[2] for one in ids], n=1)
        near += [one for one in ids if close and one.partition("/")[2] == close[0]]
        return (
            f"Did you mean {near[0]}? `ttsopt list` shows all."
            if near
            else "`ttsopt list` shows all."
        )
