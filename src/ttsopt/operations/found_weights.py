"""The weights of a checkout's system: one place for `models`, `doctor` and `bench` to ask."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from ttsopt.boundary.reading import TABLE, read_bytes
from ttsopt.catalog.catalogue import Catalogue
from ttsopt.catalog.models import models_of
from ttsopt.discovery.config_value import READ, config_value
from ttsopt.domain.model_files import ChosenWeights, FoundModel, ModelList
from ttsopt.domain.system import System
from ttsopt.weights.choose import choose_weights
from ttsopt.weights.find import Search, find_weights


@dataclass(frozen=True, slots=True)
class CheckoutWeights:
    """The models of a system, what is there of each, and what a benchmark would take by itself."""

    models: ModelList
    found: tuple[FoundModel, ...]
    chosen: ChosenWeights


def weights_of(
    catalogue: Catalogue,
    system: System,
    root: Path,
    touched: Collection[str] = (),
    environ: Mapping[str, str] | None = None,
) -> CheckoutWeights:
    """Look for the weights of a system whose root in a checkout is `root`.

    `touched` are files, from the root, that patches under test change.

    Raises:
        CannotRunError: The catalogue's `models.toml` is wrong.
    """
    environ = os.environ if environ is None else environ
    models = models_of(catalogue, system)
    found = find_weights(models, Search(root, environ, _home(environ)))
    chosen = choose_weights(
        found,
        lambda path: (root / path).is_file(),
        environ=environ,
        configured=_configured(models, root),
        touched=touched,
    )
    return CheckoutWeights(models, found, chosen)


def _home(environ: Mapping[str, str]) -> Path:
    """The user's home folder, as the libraries that fill the caches find it."""
    named = environ.get("HOME") or environ.get("USERPROFILE")
    return Path(named) if named else Path.home()


def _configured(models: ModelList, root: Path) -> str:
    """The value of the model that the checkout is set to; empty where its file does not say."""
    file = root / models.chosen_file
    if not models.chosen_file or file.suffix not in READ:
        return ""
    try:
        value = config_value(
            file.suffix, read_bytes(file, TABLE), tuple(models.chosen_key.split("."))
        )
    except (OSError, ValueError):
        return ""
    return value if isinstance(value, str) else ""
