"""What runs in the target's interpreter and ttsopt itself do not import each other.

import-linter guards the layers; it cannot see that a file run by path stays on its own.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import ttsopt

PACKAGE = Path(ttsopt.__path__[0])
FILES = sorted(PACKAGE.rglob("*.py"))
IN_TARGET = [path for path in FILES if "in_target" in path.relative_to(PACKAGE).parts]
OUTSIDE = [path for path in FILES if path not in IN_TARGET]


def imports(source: str, package: str) -> Iterator[str]:
    """Every module that a file imports, at any depth, relative ones in full."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: -node.level + 1 or None] if node.level else []
            base = ".".join([*parents, *filter(None, [node.module])])
            yield from (f"{base}.{alias.name}" for alias in node.names)
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(
            ("import_module", "__import__")
        ):
            yield from (
                arg.value
                for arg in node.args
                if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
            )


def imported_by(path: Path) -> list[str]:
    package = ".".join(("ttsopt", *path.relative_to(PACKAGE).parts[:-1]))
    return list(imports(path.read_text(encoding="utf-8"), package))


@pytest.mark.parametrize("path", OUTSIDE, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_ttsopt_does_not_import_what_runs_in_the_target(path: Path) -> None:
    assert not [name for name in imported_by(path) if name.startswith("ttsopt.in_target")]


@pytest.mark.parametrize("path", IN_TARGET, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_what_runs_in_the_target_imports_nothing_of_ttsopt(path: Path) -> None:
    assert not [name for name in imported_by(path) if name.split(".")[0] == "ttsopt"]


STARTS_PROCESSES = (
    "subprocess",
    "multiprocessing",
    "pty",
    "os.system",
    "os.popen",
    "os.posix_spawn",
)


@pytest.mark.parametrize("path", OUTSIDE, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_one_place_alone_starts_processes(path: Path) -> None:
    """One environment, one way to find a program, one way to end it: boundary/processes.py."""
    if path == PACKAGE / "boundary" / "processes.py":
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    called = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    assert not [name for name in imported_by(path) if name.startswith(STARTS_PROCESSES)]
    assert not [
        name for name in called if name.startswith((*STARTS_PROCESSES, "os.exec", "os.spawn"))
    ]


def test_both_sides_were_looked_at() -> None:
    assert len(OUTSIDE) > 50
    assert {"worker.py", "probe.py"} <= {path.name for path in IN_TARGET}


def test_the_search_sees_every_way_to_import() -> None:
    source = """
import ttsopt.in_target.worker as worker
from ttsopt.in_target import probe
def f():
    from .. import in_target
    from ..in_target.facts import facts
    importlib.import_module("ttsopt.in_target.outputs")
"""
    assert list(imports(source, "ttsopt.bench")) == [
        "ttsopt.in_target.worker",
        "ttsopt.in_target.probe",
        "ttsopt.in_target",
        "ttsopt.in_target.facts.facts",
        "ttsopt.in_target.outputs",
    ]
