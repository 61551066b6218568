"""An oracle is a second reading only as long as it shares nothing with what it judges."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

FILES = sorted((Path(__file__).parent / "oracles").rglob("*.py"))
ALLOWED = {
    "__future__",
    "ast",
    "collections",
    "dataclasses",
    "io",
    "oracles",
    "re",
    "tokenize",
    "warnings",
    "yaml",
}


def imported(tree: ast.Module) -> set[str]:
    """The packages that a module imports, at any depth; a dynamic import has no name here."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {one.name.partition(".")[0] for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("" if node.level else (node.module or "").partition(".")[0])
        elif isinstance(node, ast.Name) and node.id in {"__import__", "eval", "exec"}:
            found.add(node.id)
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_an_oracle_imports_nothing_of_ttsopt(file: Path) -> None:
    assert imported(ast.parse(file.read_bytes())) <= ALLOWED


def test_an_import_of_ttsopt_would_be_seen() -> None:
    hidden = "def f():\n    from ttsopt.editing import resolve\n"
    assert imported(ast.parse(hidden)) == {"ttsopt"}
    assert FILES
