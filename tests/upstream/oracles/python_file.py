"""The common case: one Python file, edited or without the construct."""

from __future__ import annotations

from collections.abc import Callable

from oracles.reading import Expectation, Files, Marks, Module, construct, none, other, parsed


def edited(
    files: Files, path: str, edit: Callable[[Module, Marks], None], missing: str
) -> Expectation:
    """The reading that comes of editing a file's tree; `missing` says why there may be nothing to do."""
    if path not in files:
        return none(f"no file {path}")
    tree = parsed(files[path])
    if tree is None:
        return other(f"{path} is no Python")
    marks = Marks()
    edit(tree, marks)
    return construct({path: marks.edit(tree)}) if marks.count else none(missing)
