"""index-tts/shared-upsampling: the first activations of a stage's blocks share what they have in common."""

from __future__ import annotations

import ast

from oracles.imports import add_import, imports_package
from oracles.reading import (
    ANYTHING,
    Expectation,
    Files,
    Marks,
    blocks,
    construct,
    expression,
    lines_of,
    methods,
    none,
    other,
    parsed,
    spelled,
    statements,
)

FILES = ("**/BigVGAN/models.py", "**/modules/bigvgan/bigvgan.py")
PATHS = ("indextts/BigVGAN/models.py", "indextts/s2mel/modules/bigvgan/bigvgan.py")
HELPER = "ttsopt_shared_upsampling"


def expect(files: Files) -> Expectation:
    """In both vocoders a call in the blocks, a statement before them, an import, and the helper beside."""
    edits, created = {}, {}
    for path in PATHS:
        tree, marks = parsed(files.get(path, b"")), Marks()
        if tree is None:
            return other(f"{path} is no Python")
        _edit(tree, marks)
        if marks.count:
            folder = path.rpartition("/")[0]
            package = folder.replace("/", ".") if imports_package(tree, "indextts") else ""
            add_import(tree, f"from {package}.{HELPER} import activated, share_upsampling", marks)
            edits[path] = marks.edit(tree)
            created[f"{folder}/{HELPER}.py"] = ANYTHING
    return construct(edits, created) if edits else none("no BigVGAN")


def _edit(tree: ast.Module, marks: Marks) -> None:
    for function in methods(tree, "AMPBlock1", "forward"):
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and spelled(node, "xt = a1(x)"):
                node.value = expression("activated(a1, x)")
                marks.changed |= set(lines_of(node))
                marks.count += 1
    for function in methods(tree, "BigVGAN", "forward"):
        for block in blocks(function):
            for at, node in enumerate(list(block)):
                if spelled(node, "xs = None"):
                    marks.inserted.add(node.lineno - 1)
                    marks.count += 1
                    block[at:at] = statements("share_upsampling(x)")
