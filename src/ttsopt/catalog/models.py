"""Reads `patches/<system>/models.toml`: the models that a system speaks with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from ttsopt.boundary.parsing import load_toml
from ttsopt.boundary.reading import TABLE, read_text
from ttsopt.catalog.catalogue import Catalogue
from ttsopt.catalog.problems import Problem, SchemaError
from ttsopt.catalog.schema import structured
from ttsopt.domain.model_files import CACHE, Component, ModelList
from ttsopt.domain.system import System
from ttsopt.errors import CannotRunError

FILE = "models.toml"


def models_of(catalogue: Catalogue, system: System) -> ModelList:
    """The models of a system; none where its folder has no `models.toml`.

    Raises:
        CannotRunError: The file is wrong; the message has every problem.
    """
    file = models_file(catalogue, system)
    if file is None:
        return ModelList(())
    models, problems = read_models(file)
    if problems:
        lines = (line for problem in problems for line in problem.lines())
        raise CannotRunError("bad-catalogue", "the catalogue has errors:", "Mend them.", lines)
    return models


def models_file(catalogue: Catalogue, system: System) -> Path | None:
    """The `models.toml` beside a system's `system.toml`, if it has one."""
    homes = (folder / system.id for folder in catalogue.folders)
    home = next(home for home in homes if (home / "system.toml").is_file())
    return home / FILE if (home / FILE).is_file() else None


def read_models(file: Path) -> tuple[ModelList, tuple[Problem, ...]]:
    """Return what a `models.toml` holds, and all that is wrong with it."""
    try:
        models = structured(load_toml(read_text(file, TABLE)), ModelList)
    except SchemaError as error:
        return ModelList(()), tuple(Problem(str(file), *row) for row in error.rows)
    except (ValueError, OSError) as error:
        return ModelList(()), (Problem(str(file), "", str(error)),)
    return models, tuple(Problem(str(file), *row) for row in _check(models))


def _check(models: ModelList) -> Iterator[tuple[str, str]]:
    for i, model in enumerate(models.models):
        key = f"models[{i}]"
        paths = [file.path for component in model.components for file in component.files]
        if len(set(paths)) < len(paths):
            yield key, "two files have one path"
        if bool(model.variable) != bool(model.value):
            yield key, "variable and value go together"
        for j, component in enumerate(model.components):
            yield from ((f"{key}.components[{j}]", why) for why in _wrong(component))


def _wrong(component: Component) -> Iterator[str]:
    """Sentences on what is wrong with a component."""
    if not component.files:
        yield "it has no file"
    if not (component.huggingface or component.modelscope or component.by_hand):
        yield "it says neither an id of a hub nor by_hand"
    if component.alone and component.why_not:
        yield "why_not is for one that cannot be real alone"
    paths = [path for file in component.files for path in (file.path, file.published, *file.places)]
    for path in (*paths, *(folder for folder in component.folders if folder != CACHE)):
        if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts or not path:
            yield f"{path!r} is not a path below a folder"
