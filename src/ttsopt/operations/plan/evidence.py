"""The evidence for the patches of a system, on the class of device that a plan is for."""

from __future__ import annotations

from collections.abc import Mapping

from ttsopt.catalog.catalogue import Catalogue
from ttsopt.domain.device_class import DeviceClass
from ttsopt.domain.evidence_level import Evidence, Level, evidence_for
from ttsopt.domain.patch import Patch
from ttsopt.domain.system import System


def evidence_of(
    catalogue: Catalogue, system: System, device: DeviceClass
) -> Mapping[str, Evidence]:
    """Return the evidence by patch; patches of catalogues of the user's own have none: naming those is a choice.

    Raises:
        CannotRunError: The results that come with ttsopt are damaged.
    """
    from ttsopt.catalog.results import is_shipped, results_of

    patches = [
        patch for patch in catalogue.patches_of(system) if is_shipped(catalogue.folder_of(patch.id))
    ]
    rows = results_of(system.id).rows if patches else ()
    return {patch.id: evidence_for(patch, rows, device) for patch in patches}


def why_left_out(patch: Patch, evidence: Evidence) -> str:
    """Return the reason why a patch of that evidence is not taken unasked, with the figure that there is."""
    level = evidence.level
    cost = f": {patch.cost.what}" if level is Level.COSTS and patch.cost else ""
    word = "unproven" if level is Level.UNMEASURED and evidence.is_here else level.value
    return "; ".join(filter(None, [f"{word} here{cost}", _figure(evidence)]))


def _figure(evidence: Evidence) -> str:
    """Return the ratio that says most, with the model's size, and the class where it is of another."""
    row = evidence.row
    if row is None:
        return ""
    if evidence.is_here:
        return f"{row.ratio}, {row.size}"
    return f"{row.speedup:.2f}x on {row.device.told}, {row.size}"
