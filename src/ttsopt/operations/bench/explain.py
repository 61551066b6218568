"""Say what a benchmark would measure and what it stubs: read from the workload, not run."""

from __future__ import annotations

import ast
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ttsopt.bench.spec import BenchSpec
from ttsopt.boundary.parsing import parse_python
from ttsopt.boundary.reading import read_text
from ttsopt.catalog.pages import page
from ttsopt.domain.measurement import Utterance
from ttsopt.errors import CannotRunError
from ttsopt.operations.bench.texts import scenarios
from ttsopt.operations.bench.weights import settle, weights_notices
from ttsopt.operations.bench.workloads import find_workload
from ttsopt.operations.locate import Target, locate


@dataclass(frozen=True, slots=True)
class Explained:
    """A workload in words, and of which `weights` a benchmark would be.

    `stubs` holds with random weights; with real ones some of it is real.
    """

    system: str
    version: str
    about: str
    stubs: tuple[str, ...]
    texts: tuple[Utterance, ...]
    modules: tuple[str, ...]
    install: str
    weights: tuple[str, ...] = ()

    def data(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)


def explain(target: Target, spec: BenchSpec) -> Explained:
    """The workload of the system that was found.

    Raises:
        RefusedError: No system, or several and none chosen.
        CannotRunError: It has no workload.
    """
    located = locate(target)
    (found, *_) = located.systems
    workload = find_workload(located.catalogue, found.system)
    recipe = workload.recipe
    about, stubs = read_workload(workload.file)
    root = located.checkout.directory / found.root
    settled = settle(spec, located.catalogue, found.system, root.resolve())
    return Explained(
        found.system.id,
        found.version.label,
        about,
        stubs,
        scenarios(spec, recipe.languages)[0].utterances,
        recipe.modules,
        recipe.install,
        weights_notices(settled),
    )


def read_workload(file: Path) -> tuple[str, tuple[str, ...]]:
    """Docstring and STUBS, from the constants at the top of the file: not for this interpreter to run.

    Raises:
        CannotRunError: It is not Python, or STUBS is not made of such constants.
    """
    tree = _parsed(file)
    known: dict[str, object] = {}
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            known[statement.targets[0].id] = _value(statement.value, known)
    stubs = known.get("STUBS")
    if not isinstance(stubs, tuple) or not all(isinstance(row, str) for row in stubs):
        message = f"{file.name} does not name its stubs at its top"
        raise CannotRunError("bad-workload", message, "STUBS is a tuple of sentences.")
    return ast.get_docstring(tree) or "", stubs


def _parsed(file: Path) -> ast.Module:
    try:
        tree = parse_python(read_text(file), (3, 8))
    except (SyntaxError, ValueError) as error:
        message = f"{file} is not Python 3.8: {error}"
        raise CannotRunError(
            "bad-workload", message, f"How one is written: {page('adding-a-system.md')}"
        ) from None
    assert isinstance(tree, ast.Module)
    return tree


def _value(node: ast.expr, known: dict[str, object]) -> object:
    """Sentences, tuples of them, names of those and sums; None for anything else."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.Tuple):
        return tuple(_value(row, known) for row in node.elts)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _value(node.left, known), _value(node.right, known)
        both = isinstance(left, tuple) and isinstance(right, tuple)
        return (*left, *right) if both else None  # type: ignore[misc]
    return None
