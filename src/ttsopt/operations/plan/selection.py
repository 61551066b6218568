"""Which patches a user asks for, and with which parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ttsopt.domain.device_class import ANY_DEVICE, DeviceClass
from ttsopt.domain.effect import Effect
from ttsopt.domain.patch import Patch, Scalar

if TYPE_CHECKING:
    from ttsopt.domain.evidence_level import Evidence

Place = tuple[str, str]  # a patch's id and the root, from the top, that it is applied at


@dataclass(frozen=True, slots=True)
class Selection:
    """`patches` are ids, `files` the user's own patch files; with neither, every patch that fits is taken.

    Of those that come with ttsopt, only what is proven or argued on `judged_on` (None: `device`), unless
    `everything` is asked for. `device` leaves out what is of no use there. `replace_own`:
    values that the user has put where a patch expects upstream's are replaced.
    `forced` are ids of patches to be taken in spite of their guard. `wanted` is a list of its own: these places
    alone, with these parameters, whatever their effect, device and guard. `claimed` is what the user says of
    `files`: the effect that was typed, if one was.
    """

    patches: tuple[str, ...] = ()
    effect: Effect = Effect.CLOSE
    device: DeviceClass = ANY_DEVICE
    settings: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    forced: tuple[str, ...] = ()
    wanted: Mapping[Place, Mapping[str, Scalar]] | None = None
    claimed: Effect | None = None
    everything: bool = False
    judged_on: DeviceClass | None = None
    replace_own: bool = False

    @property
    def is_named(self) -> bool:
        """True if the user said which patches to take: one refusal then refuses all. A list is more forgiving."""
        return self.wanted is None and bool(self.patches or self.files)

    @property
    def is_own_alone(self) -> bool:
        """True if nothing of a catalogue is asked for."""
        return (
            self.wanted is None
            and bool(self.files)
            and not (self.patches or self.settings or self.forced)
        )

    def is_guarded(self, patch: Patch) -> bool:
        """Return True if a patch has a guard that the user did not force."""
        return bool(patch.guard) and patch.id not in self.forced

    def is_set(self, patch: Patch) -> bool:
        """True if the user gives a parameter of it a value, which is to ask for it."""
        return any(one.startswith(f"{patch.id}.") for one in self.settings)

    def reason_to_skip(
        self, patch: Patch, evidence: Evidence | None = None
    ) -> tuple[str, str] | None:
        """Why a patch that is not applied yet is left out: a word for scripts and a sentence.

        Without `evidence`, as of patches of the user's own, nothing of it is asked.
        """
        if self.is_named and patch.id not in self.patches:
            return "not named", "not among those named with -p"
        if not self.device.serves(patch.device):
            return "device", f"for {patch.device.value}, not for {self.device.kind.value}"
        effect = patch.effect.value
        if not self.patches and not patch.effect.within(self.effect):
            return "effect", f"{effect}: --effect {effect} takes it"
        if not self.patches and self.is_guarded(patch):
            return "guard", f"it is guarded: {patch.guard}"
        asked = self.patches or self.everything or self.is_set(patch)
        if evidence and not (asked or evidence.level.is_taken):
            from ttsopt.operations.plan.evidence import why_left_out

            return "evidence", why_left_out(patch, evidence)
        return None
