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
    figure = _figure(evidence)
    if evidence.level is Level.COSTS and not _is_slower(evidence):
        cost = patch.cost.what if patch.cost else "memory or a slower start"
        return f"no proven gain on {evidence.device}, and it costs {cost}{_behind(figure)}"
    if evidence.level is Level.COSTS:
        return f"slower on {evidence.device}: {figure}"
    if evidence.level is Level.NO_GAIN:
        return f"no gain seen on {evidence.device}: {figure}"
    return f"not measured on {evidence.device}{_behind(figure)}"


def _is_slower(evidence: Evidence) -> bool:
    row = evidence.row
    return row is not None and evidence.is_here and row.verdict.value == "slower"


def _behind(figure: str) -> str:
    return f"; {figure}" if figure else ""


def _figure(evidence: Evidence) -> str:
    """Return the ratio that says most, with the model's size, and the class where it is of another."""
    row = evidence.row
    if row is None:
        return ""
    where = "" if evidence.is_here else f" on {row.device.told}"
    return f"{row.ratio}{where}, size {row.size}"
