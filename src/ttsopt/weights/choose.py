"""Chooses the weights of a benchmark among the models of a system, by what is there of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from ttsopt.domain.model_files import ChosenWeights, FoundModel, Model


def choose_weights(
    found: Sequence[FoundModel],
    has: Callable[[str], bool],
    *,
    environ: Mapping[str, str],
    configured: str = "",
    touched: Collection[str] = (),
) -> ChosenWeights:
    """The model that a benchmark takes, and what of it is real.

    The first complete one among those that can run; else the first that can run, with its components that are
    there and may be real alone. `has` says whether the checkout has a file. Which models can be meant: those of
    the `touched` files where these belong to some models only, then the one that the `environ`ment names, else the
    one that the checkout is `configured` to.
    """
    fitting = [row for row in found if row.model.runs and _fits(row.model, has)]
    fitting = _touched(fitting, touched)
    asked = [row for row in fitting if environ.get(row.model.variable)]
    if asked:
        fitting = [row for row in asked if environ[row.model.variable] == row.model.value]
    elif any(configured == row.model.value for row in fitting if row.model.value):
        fitting = [row for row in fitting if row.model.value == configured]
    complete = next((row for row in fitting if row.is_complete), None)
    if complete:
        return ChosenWeights(complete, complete.required)
    first = next(iter(fitting), None)
    return ChosenWeights(first, first.alone if first else ())


def _fits(model: Model, has: Callable[[str], bool]) -> bool:
    return not model.needs or has(model.needs)


def _touched(found: Sequence[FoundModel], files: Collection[str]) -> list[FoundModel]:
    """Where some models' own files are touched, those models."""
    own = [row for row in found if row.model.needs and row.model.needs in files]
    return own or list(found)
