"""Which weights a benchmark takes: those that were named, else those that are found, else random ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ttsopt.bench.report.components import HOW_FAST
from ttsopt.bench.spec import FOUND, RANDOM, BenchSpec
from ttsopt.catalog.catalogue import Catalogue
from ttsopt.domain.model_files import FoundComponent, Kind
from ttsopt.domain.model_size import Size
from ttsopt.domain.system import System
from ttsopt.errors import UsageError
from ttsopt.operations.found_weights import weights_of
from ttsopt.operations.planning import Planned


def with_weights(spec: BenchSpec, planned: Planned, root: Path) -> BenchSpec:
    """The spec with its weights settled: `found` becomes what is there, with the size that this has.

    Raises:
        UsageError: A recogniser would hear random weights.
        CannotRunError: The catalogue's `models.toml` is wrong.
    """
    (found,) = planned.located.systems
    touched = _touched(planned, found.root)
    settled = settle(spec, planned.located.catalogue, found.system, root, touched)
    if settled.recogniser and settled.weights == RANDOM:
        message = "random weights speak nothing that a recogniser could hear"
        hint = "Name real ones, --weights DIR, or get them: ttsopt models --download."
        raise UsageError("nothing-to-hear", message, hint)
    return settled


def settle(
    spec: BenchSpec,
    catalogue: Catalogue,
    system: System,
    root: Path,
    touched: frozenset[str] = frozenset(),
) -> BenchSpec:
    """The spec with what is found below a system's `root`; `touched` are files that patches under test change.

    Raises:
        CannotRunError: The catalogue's `models.toml` is wrong.
    """
    if spec.weights not in {FOUND, RANDOM}:
        return spec
    chosen = weights_of(catalogue, system, root, touched).chosen
    if spec.weights == RANDOM or chosen.kind is Kind.RANDOM:
        return replace(spec, weights=RANDOM, chosen=replace(chosen, real=()))
    weights = FOUND if chosen.kind is Kind.FOUND else RANDOM
    return replace(spec, weights=weights, size=Size.REAL, chosen=chosen)


def _touched(planned: Planned, root: str) -> frozenset[str]:
    """The files, from the system's root, that the plan changes."""
    paths = {Path(file.path) for row in planned.plan.patches for file in row.files}
    inside = (path.relative_to(root) for path in paths if path.is_relative_to(root))
    return frozenset(path.as_posix() for path in inside)


def weights_notices(spec: BenchSpec) -> tuple[str, ...]:
    """Say before the run of which model it is; nothing where the catalogue lists no models of the system."""
    chosen = spec.chosen
    if chosen.model is None:
        return ()
    name = chosen.model.model.name
    if spec.weights == FOUND:
        return (f"real weights of {name}",)
    if not chosen.real:
        toy = "toy model" if spec.size is Size.TINY else f"{name} in its published size"
        return (f"{toy}, random weights: {HOW_FAST}",)
    return (
        f"{name}, mixed weights: {HOW_FAST}; real: {_names(chosen.real)}; random: {_names(chosen.random)}",
    )


def _names(components: tuple[FoundComponent, ...]) -> str:
    return ", ".join(row.component.name for row in components)
