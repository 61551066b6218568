"""A TTS system, how its checkouts are told apart, and one that was found."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from ttsopt.domain.serving import ServeRecipe


@dataclass(frozen=True, slots=True)
class FileSignature:
    """A file that a layout must hold, and the exact definitions (`class F5TTS`) in it."""

    path: str
    defines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """One of the shapes that a system's tree has had.

    All paths are relative to the root, the folder that stands for the upstream repository's own root.
    `copy` names what a view of the benchmark copies; empty means the whole root. `import_paths` are put on
    `sys.path` there. A `*` as the first part of the files' paths is a package folder of any name, which upstream
    calls `package`; of a layout that was found, it is that name, and `folder` too.
    """

    name: str
    files: tuple[FileSignature, ...]
    import_paths: tuple[str, ...] = (".",)
    copy: tuple[str, ...] = ()
    package: str = ""
    folder: str = ""

    def there(self, path: str) -> str:
        """The path here of a file that upstream has at `path`."""
        inside = path.removeprefix(f"{self.package}/")
        return f"{self.folder}/{inside}" if self.folder and inside != path else path

    def module(self, path: str) -> str:
        """The dotted name under which a file of the root is imported; the longest import path above it counts.

        Empty where no import path holds it, or where a part of it is no identifier (a script, run by path).
        """
        file = PurePosixPath(path)
        above = (PurePosixPath(one) for one in self.import_paths)
        holders = [one for one in above if file.is_relative_to(one)]
        if not holders or file.suffix != ".py":
            return ""
        longest = max(holders, key=lambda one: len(one.parts))
        parts = file.relative_to(longest).with_suffix("").parts
        parts = parts[:-1] if parts[-1] == "__init__" else parts
        return ".".join(parts) if all(part.isidentifier() for part in parts) else ""


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """A file that a user runs, and all that it imports (itself first); relative to the system's root."""

    file: str
    reaches: tuple[str, ...] = ()


# At the root of a checkout, as most projects name them.
ENTRY_POINTS = (
    "*webui*.py",
    "web.py",
    "app*.py",
    "*_app.py",
    "api*.py",
    "*_api.py",
    "server*.py",
    "*_server.py",
    "gradio*.py",
    "*_gradio.py",
    "*cli.py",
    "demo*.py",
)


@dataclass(frozen=True, slots=True)
class Shape:
    """A version read off the code itself, where neither git nor a package says it."""

    label: str
    paths: tuple[str, ...]
    defines: str


@dataclass(frozen=True, slots=True)
class KnownBad:
    """Versions of a package (such as `transformers>4.51.3`) with which a system does not do what it should."""

    package: str
    why: str


@dataclass(frozen=True, slots=True)
class BenchRecipe:
    """How a system is measured: what the interpreter must have, how to get that.

    The `workload.py` beside `system.toml` speaks `languages`; empty: English and Chinese. Of `known_bad` packages
    a benchmark warns. `upstream_modules` are those that upstream's own code imports and the workload does not.
    """

    modules: tuple[str, ...] = ()
    install: str = ""
    languages: tuple[Literal["en", "zh"], ...] = ()
    known_bad: tuple[KnownBad, ...] = ()
    upstream_modules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class System:
    """An entry of the catalogue: `patches/<id>/system.toml`.

    `entry_points` are paths below the root, `*` among them, of what a user runs.
    """

    id: str
    name: str
    homepage: str
    layouts: tuple[Layout, ...]
    package: str = ""
    shapes: tuple[Shape, ...] = ()
    bench: BenchRecipe | None = None
    entry_points: tuple[str, ...] = ENTRY_POINTS
    serve: ServeRecipe | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """Version as far as it is known, and where that was read (`git`, `package`, `code`, `unknown`)."""

    label: str
    source: str
    commit: str = ""


@dataclass(frozen=True, slots=True)
class FoundSystem:
    """A system in a checkout; `root` is relative to the folder that was asked about, `"."` for itself.

    `backup`: it lies in a folder that is named as somebody's backup copy, which is reported and left alone.
    """

    system: System
    root: str
    layout: Layout
    version: Version
    evidence: tuple[str, ...]
    backup: bool = False
