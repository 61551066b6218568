"""The weights of a checkout: which files of its system's models are there, and where."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from ttsopt.boundary.reading import check_regular, open_regular
from ttsopt.domain.model_files import (
    CACHE,
    Component,
    FoundComponent,
    FoundFile,
    FoundModel,
    Model,
    ModelFile,
    ModelList,
    Place,
)
from ttsopt.weights.caches import (
    huggingface_caches,
    in_huggingface,
    in_modelscope,
    modelscope_caches,
)

POINTER = b"version https://git-lfs"
MOST_CANDIDATES = 200
SMALL = 1024  # bytes; a pointer of git-lfs has some 130


@dataclass(frozen=True, slots=True)
class Search:
    """Where to look: the root of a system in a checkout, and the user's caches."""

    root: Path
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    home: Path = field(default_factory=Path.home)


def find_weights(models: ModelList, search: Search) -> tuple[FoundModel, ...]:
    """Every model with what is there of it; nothing is opened but what may be a pointer of git-lfs.

    The checkout comes first, then the caches of Hugging Face and of ModelScope. A file counts if it is regular
    and holds something.
    """
    return tuple(_model(model, search) for model in models.models)


def _model(model: Model, search: Search) -> FoundModel:
    return FoundModel(model, tuple(_component(row, search) for row in model.components))


def _component(component: Component, search: Search) -> FoundComponent:
    return FoundComponent(
        component, tuple(_file(component, file, search) for file in component.files)
    )


def _file(component: Component, file: ModelFile, search: Search) -> FoundFile:
    """The first that can be used, else the first that is there."""
    unusable = None
    for path, place in _candidates(component, file, search):
        try:
            status = path.stat()
            check_regular(path, status)
        except OSError:
            continue
        problem = _problem(path, status.st_size)
        found = FoundFile(file, path, place, status.st_size, _beside(file, path), problem)
        if not problem:
            return found
        unusable = unusable or found
    return unusable or FoundFile(file)


def _problem(path: Path, size: int) -> str:
    if not size:
        return "it is empty"
    if size > SMALL:
        return ""
    try:
        with open_regular(path) as file:
            is_pointer = file.read(len(POINTER)) == POINTER
    except OSError as error:
        return f"it cannot be read: {error.strerror}"
    return "it is a pointer of git-lfs: `git lfs pull` there fetches the file" if is_pointer else ""


def _candidates(
    component: Component, file: ModelFile, search: Search
) -> Iterator[tuple[Path, Place]]:
    yield from ((path, Place.CHECKOUT) for path in _in_checkout(component, file, search.root))
    hubs = (
        (Place.HUGGINGFACE, component.huggingface, huggingface_caches, in_huggingface),
        (Place.MODELSCOPE, component.modelscope, modelscope_caches, in_modelscope),
    )
    for place, repository, caches, paths in hubs:
        for cache in caches(search.environ, search.home) if repository else ():
            yield from ((path, place) for path in paths(cache, repository, file.published))


def _in_checkout(component: Component, file: ModelFile, root: Path) -> Iterator[Path]:
    yield from (root / folder / file.published for folder in component.folders if folder != CACHE)
    for pattern in file.places:
        yield from _matching(root, pattern)


def _matching(root: Path, pattern: str) -> list[Path]:
    if "*" not in pattern:
        return [root / pattern]
    try:
        return sorted(islice(root.glob(pattern), MOST_CANDIDATES))
    except OSError:
        return []


def _beside(file: ModelFile, path: Path) -> tuple[Path, ...]:
    """Files of the same folder that go with it."""
    if not file.beside:
        return ()
    try:
        near = sorted(islice(path.parent.iterdir(), MOST_CANDIDATES))
    except OSError:
        return ()
    return tuple(one for one in near if one.suffix in file.beside and one.is_file())
