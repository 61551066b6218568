"""Imports at the top of a module: is a name bound there, and where new lines go in."""

from __future__ import annotations

import ast

from oracles.reading import Marks, lines_of, statements


def binds(tree: ast.Module, code: str) -> bool:
    """Whether an import like this stands at the top level, perhaps with more names."""
    wanted = ast.parse(code).body[0]
    assert isinstance(wanted, ast.Import | ast.ImportFrom)
    for node in tree.body:
        if isinstance(node, ast.Import) and isinstance(wanted, ast.Import):
            there = True
        elif isinstance(node, ast.ImportFrom) and isinstance(wanted, ast.ImportFrom):
            there = (node.module, node.level) == (wanted.module, wanted.level)
        else:
            continue
        names = {(one.name, one.asname) for one in node.names}
        if there and {(one.name, one.asname) for one in wanted.names} <= names:
            return True
    return False


def add_import(tree: ast.Module, code: str, marks: Marks, package: str = "") -> None:
    """Put an import before the first one of the module that is no `__future__` import, unless it is there.

    With `package`, before the first import of that one (or of one of several), if `sys.path` is touched above.
    Behind those that other patches put there.
    """
    if binds(tree, code):
        return
    places = [index for index, node in enumerate(tree.body) if _is_import(node)]
    at = places[0] if places else 0
    own = [index for index, node in enumerate(tree.body) if package and _is_of(node, package)]
    if own and any("sys.path" in ast.unparse(node) for node in tree.body[: own[0]]):
        at = own[0]
    marks.inserted.add(tree.body[at].lineno - 1)
    tree.body[at:at] = statements(code)


def imports_package(tree: ast.Module, package: str) -> bool:
    """Whether the file names a package at the top level, so that others of it are named so too."""
    return any(_is_of(node, package) for node in tree.body)


def after_import(tree: ast.Module, name: str, code: str, marks: Marks) -> None:
    """Put statements below the first `import name` at the top level."""
    for index, node in enumerate(tree.body):
        if isinstance(node, ast.Import) and any(one.name == name for one in node.names):
            marks.inserted.add(max(lines_of(node)))
            marks.count += 1
            tree.body[index + 1 : index + 1] = statements(code)
            return


def _is_of(node: ast.stmt, package: str) -> bool:
    if isinstance(node, ast.Import):
        names = [one.name for one in node.names]
    elif isinstance(node, ast.ImportFrom) and not node.level:
        names = [node.module or ""]
    else:
        return False
    found = any(name.split(".")[0] in package.split() for name in names)
    return found and not _is_of_a_patch(node)


def _is_import(node: ast.stmt) -> bool:
    future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
    is_import = isinstance(node, ast.Import | ast.ImportFrom)
    return is_import and not future and not _is_of_a_patch(node)


def _is_of_a_patch(node: ast.stmt) -> bool:
    """True for the import of a helper that a patch lays out."""
    module = (node.module or "") if isinstance(node, ast.ImportFrom) else ""
    return module.split(".")[-1].startswith("ttsopt_")
