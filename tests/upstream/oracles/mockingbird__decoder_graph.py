"""mockingbird/decoder-graph: the synthesiser hands its decoder to the helper once Tacotron is loaded.

It needs mockingbird/no-grad, and no commit has that: where it is not put in, nothing may happen.
"""

from __future__ import annotations

import ast

from oracles.imports import add_import
from oracles.packed_linears import pack_behind
from oracles.reading import (
    ANYTHING,
    Expectation,
    Files,
    Marks,
    construct,
    methods,
    none,
    other,
    parsed,
)

FILES = ("**/synthesizer/inference.py",)
FOLDERS = ("models/synthesizer", "synthesizer")
CALLS = {"self._model.eval()": "graph_decoder(self._model.decoder)"}
HELPERS = ("ttsopt_mockingbird_graphs", "ttsopt_graphs")


def expect(files: Files) -> Expectation:
    """One statement of one method, its import, and the helpers; nothing where gradients are recorded."""
    for folder in FOLDERS:
        path = f"{folder}/inference.py"
        tree, marks = parsed(files.get(path, b"")), Marks()
        if tree is None:
            return other(f"{path} is no Python")
        pack_behind(tree, "Synthesizer", "load", CALLS, marks)
        if marks.count and not _without_gradients(tree):
            return other("gradients are recorded: the need for mockingbird/no-grad must hold")
        if marks.count:
            module = f"{folder.replace('/', '.')}.{HELPERS[0]}"
            add_import(tree, f"from {module} import graph_decoder", marks)
            created = {f"{folder}/{helper}.py": ANYTHING for helper in HELPERS}
            return construct({path: marks.edit(tree)}, created)
    return none("no model is made ready")


def _without_gradients(tree: ast.Module) -> bool:
    speaking = methods(tree, "Synthesizer", "synthesize_spectrograms")
    decorators = [one for function in speaking for one in function.decorator_list]
    return any(ast.unparse(one).startswith("torch.no_grad") for one in decorators)
