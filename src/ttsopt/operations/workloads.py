"""The workload files that come with ttsopt: one a system, run by path in the target's interpreter."""

from __future__ import annotations

from pathlib import Path

import ttsopt
from ttsopt.domain.system import BenchRecipe

_FOLDER = Path(ttsopt.__file__).resolve().parent / "in_target" / "workloads"


def workload_file(recipe: BenchRecipe) -> Path:
    """The file of a recipe's workload; it need not exist."""
    return _FOLDER / f"{recipe.workload}.py"


def known_workloads() -> list[str]:
    """The names that a recipe may give."""
    return sorted(path.stem for path in _FOLDER.glob("[!_]*.py"))
