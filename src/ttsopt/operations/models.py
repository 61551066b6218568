"""Models: which weights a checkout's system needs, which are there, and how the others come."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ttsopt.domain.model_files import FoundComponent, FoundModel
from ttsopt.domain.system import FoundSystem
from ttsopt.errors import CannotRunError, UsageError
from ttsopt.operations.found_weights import CheckoutWeights, weights_of
from ttsopt.operations.locate import Target, locate
from ttsopt.weights.caches import huggingface_caches, modelscope_caches
from ttsopt.weights.download import (
    Fetch,
    Fetched,
    Tell,
    check_room,
    fetch_all,
    guess_fetches,
    plan_fetches,
)
from ttsopt.weights.hubs import (
    CLIENTS,
    HUGGINGFACE,
    Hub,
    is_installed,
    open_hub,
    repository_of,
)


@dataclass(frozen=True, slots=True)
class SystemModels:
    """The models of a system at `root`, an absolute path; those to show, and those to download."""

    found: FoundSystem
    root: Path
    weights: CheckoutWeights
    shown: tuple[FoundModel, ...]
    wanted: tuple[FoundModel, ...]


@dataclass(frozen=True, slots=True)
class Download:
    """Files to come, by hub, those that came, and the components that are to be had by hand alone."""

    hub: str
    fetches: tuple[Fetch, ...]
    done: tuple[Fetched, ...]
    by_hand: tuple[FoundComponent, ...]

    @property
    def size(self) -> int:
        """Bytes of all that is to come."""
        return sum(fetch.size for fetch in self.fetches)


def models(target: Target, names: Sequence[str] = ()) -> SystemModels:
    """The models of the checkout's system, with what is there; `names`: of these alone.

    Without names, the model that a benchmark would take, and those of which something is there, are meant.

    Raises:
        RefusedError: No one system there.
        UsageError: There is no model of such a name.
        CannotRunError: The catalogue is wrong.
    """
    located = locate(target)
    (found, *_) = located.systems
    root = (located.checkout.directory / found.root).resolve()
    weights = weights_of(located.catalogue, found.system, root)
    shown = _meant(weights, names)
    chosen = weights.chosen.model
    return SystemModels(
        found, root, weights, shown, shown if names else (chosen,) if chosen else ()
    )


def _meant(weights: CheckoutWeights, names: Sequence[str]) -> tuple[FoundModel, ...]:
    known = [row.model.name for row in weights.found]
    unknown = [name for name in names if name not in known]
    if unknown:
        message = f"there is no model {unknown[0]!r}"
        raise UsageError("unknown-model", message, f"There are {', '.join(known) or 'none'}.")
    if names:
        return tuple(row for row in weights.found if row.model.name in names)
    return tuple(row for row in weights.found if row == weights.chosen.model or _has_own(row))


def _has_own(model: FoundModel) -> bool:
    """True if something is there that weighs."""
    return any(part.is_there and part.component.megabytes > 1 for part in model.components)


def preview(models: SystemModels, *, hub: str = "", patches: bool = False) -> Download:
    """Return what a download would fetch: as the hub says, or where it cannot be asked, about that.

    Raises:
        CannotRunError: `no-room`.
    """
    try:
        return plan_download(models, hub=hub, patches=patches, quiet=True)[0]
    except CannotRunError as error:
        if error.code not in {"no-client", "hub-failed"}:
            raise
    on_hub, by_hand = _missing(models, patches=patches)
    name = hub or max(CLIENTS, key=lambda one: _count(on_hub, one))
    fetches = guess_fetches(on_hub, models.root, name)
    check_room(fetches, _cache(name))
    return Download(name, fetches, (), by_hand)


def plan_download(
    models: SystemModels, *, hub: str = "", patches: bool = False, quiet: bool = False
) -> tuple[Download, Hub | None]:
    """Return what is missing of the models that were chosen or named, its room checked; nothing is fetched.

    `patches`: with what patches alone need. No hub where nothing is missing.

    Raises:
        CannotRunError: `no-client`, `hub-failed` or `no-room`.
    """
    on_hub, by_hand = _missing(models, patches=patches)
    if not on_hub:
        return Download("", (), (), by_hand), None
    name = hub or _available(on_hub)
    opened = open_hub(name, quiet=quiet)
    elsewhere = tuple(row for row in on_hub if not repository_of(row.component, name))
    fetches = plan_fetches(on_hub, models.root, opened)
    check_room(fetches, _cache(name))
    return Download(name, fetches, (), (*by_hand, *elsewhere)), opened


def download(planned: Download, hub: Hub | None, tell: Tell) -> Download:
    """Fetch what was planned; `tell` is called before each file.

    Raises:
        CannotRunError: `hub-failed` or `bad-checksum`.
    """
    done = fetch_all(planned.fetches, hub, tell) if hub else ()
    return Download(planned.hub, planned.fetches, done, planned.by_hand)


def _missing(
    models: SystemModels, *, patches: bool
) -> tuple[list[FoundComponent], tuple[FoundComponent, ...]]:
    """The components that are not there: those that some hub has, and those to be had by hand."""
    wanted = [row for row in _parts(models, patches=patches) if not row.is_there]
    on_hub = [row for row in wanted if any(repository_of(row.component, hub) for hub in CLIENTS)]
    return on_hub, tuple(row for row in wanted if row not in on_hub)


def _parts(models: SystemModels, *, patches: bool) -> Iterable[FoundComponent]:
    for model in models.wanted:
        yield from model.components if patches else model.required


def _available(components: Sequence[FoundComponent]) -> str:
    """The hub whose client is installed and that has most of the components."""
    hubs = [name for name in CLIENTS if is_installed(name)]
    if not hubs:
        message = "neither huggingface_hub nor modelscope is installed beside ttsopt"
        hint = 'pip install "ttsopt[models]", or copy the files that `ttsopt models` names'
        raise CannotRunError("no-client", message, hint)
    return max(hubs, key=lambda hub: _count(components, hub))


def _count(components: Sequence[FoundComponent], hub: str) -> int:
    """How many of the components a hub has."""
    return sum(bool(repository_of(row.component, hub)) for row in components)


def _cache(hub: str) -> Path:
    caches = huggingface_caches if hub == HUGGINGFACE else modelscope_caches
    return caches(os.environ, Path.home())[0]
