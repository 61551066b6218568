"""The two halves of an operation, in `domain/edits/` and in the engine: they agree, and there is no third."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import pytest

import ttsopt
from ttsopt.domain.edits import OPERATIONS, AddFile, AnyOf
from ttsopt.domain.patch import Edit
from ttsopt.editing.check import check_code
from ttsopt.editing.config.operations import CONFIG_OPERATIONS
from ttsopt.editing.languages import is_config
from ttsopt.editing.python.operations import PYTHON_OPERATIONS

SOURCE = Path(ttsopt.__file__).parent
# What the engine never sees: planning makes an import of the one, and chooses among the variants of the other.
COMPOSED = {AddFile, AnyOf}
# Modules that treat one operation apart, beside those that describe it.
ELSEWHERE = {
    "catalog/checks.py": {"AnyOf"},
    "catalog/helpers.py": {"AddFile"},
    "catalog/parameters.py": {"AnyOf"},
    "catalog/walk.py": {"AnyOf"},
    "editing/python/operations.py": {"AnyOf"},
    "editing/resolve.py": {"AnyOf"},
    "operations/plan/fit.py": {"AddFile", "Decorate"},
    "operations/plan/helper_files.py": {"AddFile", "EnsureImport"},
}
DESCRIBED = {
    "editing/python/replace.py": {"Replace"},
    "editing/python/insert.py": {"Insert", "EnsureImport"},
    "editing/python/delete.py": {"Delete"},
    "editing/python/decorate.py": {"Decorate"},
    "editing/python/values.py": {"SetConstant", "SetDefault", "SetArgument"},
    "editing/config/yaml_edit.py": {"SetYaml"},
    "editing/config/toml_edit.py": {"SetToml"},
    "editing/config/operations.py": {"SetYaml", "SetToml"},
}


def kinds_below(kind: type[Edit]) -> Iterator[type[Edit]]:
    for below in kind.__subclasses__():
        if "operation" in vars(below):
            yield below
        yield from kinds_below(below)


def test_every_edit_is_an_operation_of_the_language() -> None:
    # By name: a dataclass with slots leaves the class that it was made of behind.
    assert {kind.operation for kind in kinds_below(Edit)} == set(OPERATIONS)
    assert [kind.operation for kind in OPERATIONS.values()] == list(OPERATIONS)


def test_the_engine_has_the_other_half_of_every_operation() -> None:
    assert not PYTHON_OPERATIONS.keys() & CONFIG_OPERATIONS.keys()
    known = PYTHON_OPERATIONS.keys() | CONFIG_OPERATIONS.keys()
    assert known | COMPOSED == set(OPERATIONS.values())
    assert not known & COMPOSED


@pytest.mark.parametrize("kind", [*PYTHON_OPERATIONS, *CONFIG_OPERATIONS])
def test_an_operation_is_made_in_the_files_that_it_is_for(kind: type[Edit]) -> None:
    expected = {kind in CONFIG_OPERATIONS}
    assert {is_config(f"a{suffix}") for suffix in kind.suffixes} == expected


@pytest.mark.parametrize("kind", OPERATIONS.values())
def test_an_operation_has_words_of_its_own(kind: type[Edit]) -> None:
    assert kind.words is not Edit.words
    assert kind.parts is not Edit.parts
    assert kind.looked_for is not Edit.looked_for or kind is AddFile


@pytest.mark.parametrize("kind", [*PYTHON_OPERATIONS, *CONFIG_OPERATIONS])
def test_what_is_wrong_with_code_is_told_by_a_key_of_the_file(kind: type[Edit]) -> None:
    edit = kind(**dict(broken_code(kind)))
    keys = {edit.key_of(field.name) for field in fields(kind)} - set(kind.computed)
    named = [key.partition("[")[0] for key, _ in check_code(edit)]
    assert named
    assert set(named) <= keys | {"before"}


def broken_code(kind: type[Edit]) -> Iterator[tuple[str, Any]]:
    for field in fields(kind):
        if field.name == "place":
            yield field.name, "before"
        elif field.type == "str":
            yield field.name, "[ b c"
        elif field.type == "tuple[str, ...]":
            yield field.name, ("[ b c",)
        else:
            assert field.default is not MISSING or field.default_factory is not MISSING


def test_no_other_module_knows_one_operation_from_another() -> None:
    names = {kind.__name__ for kind in OPERATIONS.values()}
    naming = {
        path.relative_to(SOURCE).as_posix(): imported
        for path in SOURCE.rglob("*.py")
        if (imported := imported_names(path) & names)
    }
    others = {path: found for path, found in naming.items() if not path.startswith("domain/edits")}
    assert others == {**DESCRIBED, **ELSEWHERE}


def imported_names(path: Path) -> set[str]:
    text = path.read_text(encoding="utf-8")
    if "domain.edits" not in text:
        return set()
    return {
        alias.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("ttsopt.domain.edits")
        for alias in node.names
    }
