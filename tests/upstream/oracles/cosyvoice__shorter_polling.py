"""cosyvoice/shorter-polling: a loop that waits for tokens sleeps 5 ms, not 100."""

from __future__ import annotations

import ast

from oracles.python_file import edited
from oracles.reading import Expectation, Files, Marks, Module, lines_of, spelled

FILES = ("**/cli/model.py",)
PATH = "cosyvoice/cli/model.py"


def expect(files: Files) -> Expectation:
    """Every tenth of a second that is slept in a loop of the models."""
    return edited(files, PATH, _edit, "no stream sleeps")


def _edit(tree: Module, marks: Marks) -> None:
    loops = [loop for loop in ast.walk(tree) if isinstance(loop, ast.While)]
    for node in {one for loop in loops for one in ast.walk(loop)}:
        if isinstance(node, ast.Call) and spelled(node, "time.sleep(0.1)"):
            node.args = [ast.Constant(value=0.005)]
            marks.changed |= set(lines_of(node))
            marks.count += 1
