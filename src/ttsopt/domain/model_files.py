"""The models that a system speaks with: published ids and files, where they are kept, what was found of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path, PurePosixPath

CACHE = "{cache}"  # in a component's `folders`: the cache of its hub


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file of a model.

    `path` is where the workload reads it, relative to a folder of weights; `source` its path in the published
    repository (empty: the same). `places` are paths of the checkout, from its root, `*` and `**` among them,
    where upstream keeps it beside the component's `folders`. `beside`: suffixes of files in the same folder that
    go with it (`.json`). `megabytes` is about its size, 0 where that is not known; `sha256` is in hex.
    """

    path: str
    source: str = ""
    places: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    megabytes: float = 0.0
    sha256: str = ""
    optional: bool = False

    @property
    def published(self) -> str:
        """Its path in the published repository."""
        return self.source or self.path


@dataclass(frozen=True, slots=True)
class Component:
    """A part of a model that is published as one.

    `folders` of the checkout hold the repository as upstream's own download lays it out; the first is where
    `ttsopt models --download` puts it, `{cache}` being the hub's cache. `alone`: it can be real in a benchmark
    while others are random; `why_not` says why it cannot. `by_hand` says where it is to be had if no hub has it.
    `patches` are those that alone need it: without them a model is complete.
    """

    name: str
    files: tuple[ModelFile, ...]
    huggingface: str = ""
    modelscope: str = ""
    folders: tuple[str, ...] = ()
    alone: bool = False
    why_not: str = ""
    by_hand: str = ""
    patches: tuple[str, ...] = ()

    @property
    def required(self) -> bool:
        """True if the model does not speak without it."""
        return not self.patches

    @property
    def megabytes(self) -> float:
        """About the size of all its files."""
        return sum(file.megabytes for file in self.files)


@dataclass(frozen=True, slots=True)
class Model:
    """A model of a system; the first of `[[models]]` in `models.toml` is the one that a benchmark prefers.

    `variable` and `value`: the environment variable by which the workload chooses it. `needs`: a file of the
    checkout, from its root, without which it cannot run there. `runs`: the workload speaks with it; others are
    listed for their download.
    """

    name: str
    components: tuple[Component, ...]
    about: str = ""
    variable: str = ""
    value: str = ""
    needs: str = ""
    runs: bool = True


@dataclass(frozen=True, slots=True)
class ModelList:
    """The content of `patches/<system>/models.toml`.

    `chosen_file` and `chosen_key`: a file of the checkout, and the key in it that holds the `value` of the model
    which the checkout is set to.
    """

    models: tuple[Model, ...]
    chosen_file: str = ""
    chosen_key: str = ""


class Place(Enum):
    """Place of a file of a model that was found."""

    CHECKOUT = "checkout"
    HUGGINGFACE = "Hugging Face cache"
    MODELSCOPE = "ModelScope cache"


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file of a component: where it is, its size in bytes, the files `beside` it, what makes it useless."""

    file: ModelFile
    at: Path | None = None
    place: Place | None = None
    size: int = 0
    beside: tuple[Path, ...] = ()
    problem: str = ""

    @property
    def is_there(self) -> bool:
        """True if it can be used."""
        return self.at is not None and not self.problem


@dataclass(frozen=True, slots=True)
class FoundComponent:
    """A component with all its files, found or not."""

    component: Component
    files: tuple[FoundFile, ...]

    @property
    def missing(self) -> tuple[FoundFile, ...]:
        """The files that it needs and that are not there, or of no use."""
        return tuple(row for row in self.files if not row.is_there and not row.file.optional)

    @property
    def is_there(self) -> bool:
        """True if all that it needs is there."""
        return not self.missing

    @property
    def places(self) -> tuple[Place, ...]:
        """Return the places of its files, each once."""
        return tuple(dict.fromkeys(row.place for row in self.files if row.is_there and row.place))


@dataclass(frozen=True, slots=True)
class FoundModel:
    """A model with all its components, found or not."""

    model: Model
    components: tuple[FoundComponent, ...]

    @property
    def required(self) -> tuple[FoundComponent, ...]:
        """The components that it does not speak without."""
        return tuple(row for row in self.components if row.component.required)

    @property
    def is_complete(self) -> bool:
        """True if it can speak."""
        return all(row.is_there for row in self.required)

    @property
    def alone(self) -> tuple[FoundComponent, ...]:
        """The components that are there and can be real while the others are random."""
        return tuple(row for row in self.required if row.is_there and row.component.alone)


class Kind(Enum):
    """The weights of a benchmark: all published ones, some of them, none."""

    FOUND = "found"
    MIXED = "mixed"
    RANDOM = "random"


@dataclass(frozen=True, slots=True)
class ChosenWeights:
    """The weights that a benchmark takes: a model, and the components of it that are real."""

    model: FoundModel | None = None
    real: tuple[FoundComponent, ...] = ()

    @property
    def kind(self) -> Kind:
        """All real, some, or none."""
        if self.model and self.model.is_complete:
            return Kind.FOUND
        return Kind.MIXED if self.real else Kind.RANDOM

    @property
    def random(self) -> tuple[FoundComponent, ...]:
        """The components that are not real."""
        required = self.model.required if self.model else ()
        return tuple(row for row in required if row not in self.real)

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables by which the workload takes this model."""
        model = self.model.model if self.model and self.real else None
        return {model.variable: model.value} if model and model.variable else {}

    @property
    def links(self) -> dict[str, Path]:
        """Path in a folder of weights -> the file that it leads to."""
        found = [row for part in self.real for row in part.files if row.is_there and row.at]
        links = {row.file.path: row.at for row in found if row.at}
        for row in found:
            folder = PurePosixPath(row.file.path).parent
            links |= {(folder / near.name).as_posix(): near for near in row.beside}
        return links
