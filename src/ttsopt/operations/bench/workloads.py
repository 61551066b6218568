"""Workloads: the file beside `system.toml` that makes the system speak, run in the target's interpreter."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ttsopt.catalog.catalogue import Catalogue
from ttsopt.catalog.pages import page
from ttsopt.domain.system import BenchRecipe, System
from ttsopt.errors import CannotRunError

FILE = "workload.py"


@dataclass(frozen=True, slots=True)
class Workload:
    """A workload file, and the recipe in `system.toml` that says what it needs."""

    file: Path
    recipe: BenchRecipe


def workload_file(catalogue: Catalogue, system: System) -> Path:
    """The workload file beside a system's `system.toml`; it need not exist."""
    homes = (folder / system.id for folder in catalogue.folders)
    return next(home for home in homes if (home / "system.toml").is_file()) / FILE


def find_workload(catalogue: Catalogue, system: System) -> Workload:
    """The workload of a system.

    Raises:
        CannotRunError: `no-workload`: the catalogue has none for it.
    """
    file = workload_file(catalogue, system)
    if system.bench is None or not file.is_file():
        message = f"there is no workload for {system.name}: {file} and [bench] in its system.toml"
        written = page("adding-a-system.md")
        hint = f"Its patches can be applied all the same. How a workload is written: {written}"
        raise CannotRunError("no-workload", message, hint)
    return Workload(file, system.bench)
