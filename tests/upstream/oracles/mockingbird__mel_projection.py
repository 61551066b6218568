"""mockingbird/mel-projection: a step of the decoder multiplies by the rows of the frames that it keeps."""

from __future__ import annotations

import ast

from oracles.imports import add_import
from oracles.reading import (
    ANYTHING,
    Expectation,
    Files,
    Marks,
    construct,
    expression,
    lines_of,
    methods,
    none,
    other,
    parsed,
    spelled,
)

HELPER = "ttsopt_mel_projection"
FILES = ("**/synthesizer/models/tacotron.py",)
KEPT = "mels = mels.view(batch_size, self.n_mels, self.max_r)[:, :, :self.r]"


def expect(files: Files) -> Expectation:
    """One call in one method, its import, and the helper: in the file of Tacotron, which moved once."""
    for folder in ("models/synthesizer/models", "synthesizer/models"):
        path = f"{folder}/tacotron.py"
        tree, marks = parsed(files.get(path, b"")), Marks()
        if tree is None:
            return other(f"{path} is no Python")
        for function in methods(tree, "Decoder", "forward"):
            _keep_fewer(function, marks)
        if marks.count:
            package = "" if _names_its_own(tree) else folder.replace("/", ".")
            add_import(tree, f"from {package}.{HELPER} import project_kept", marks)
            return construct({path: marks.edit(tree)}, {f"{folder}/{HELPER}.py": ANYTHING})
    return none("no decoder with more frames than it keeps")


def _names_its_own(tree: ast.Module) -> bool:
    """True if the file imports its siblings by `from .name`, as since July 2022, or none, as in its first days."""
    named = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    absolute = any((node.module or "").startswith("synthesizer.") for node in named)
    return any(node.level == 1 for node in named) or not absolute


def _keep_fewer(function: ast.AST, marks: Marks) -> None:
    assigned = [node for node in ast.walk(function) if isinstance(node, ast.Assign)]
    if not any(spelled(node, KEPT) for node in assigned):
        return
    for node in assigned:
        if spelled(node.value, "self.mel_proj(x)"):
            node.value = expression("project_kept(self, x)")
            marks.changed |= set(lines_of(node))
            marks.count += 1
