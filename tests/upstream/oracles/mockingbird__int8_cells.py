"""mockingbird/int8-cells: the synthesiser quickens its decoder once Tacotron is loaded."""

from __future__ import annotations

from oracles.imports import add_import
from oracles.packed_linears import pack_behind
from oracles.reading import ANYTHING, Expectation, Files, Marks, construct, none, other, parsed

FILES = ("**/synthesizer/inference.py",)
FOLDERS = ("models/synthesizer", "synthesizer")
CALLS = {"self._model.eval()": "quicken_cells(self._model.decoder)"}
HELPERS = (
    "ttsopt_recurrent",
    "ttsopt_fused_modules",
    "ttsopt_kernels",
    "ttsopt_digits",
    "ttsopt_products",
)


def expect(files: Files) -> Expectation:
    """One statement of one method, its import, and the helpers."""
    for folder in FOLDERS:
        path = f"{folder}/inference.py"
        tree, marks = parsed(files.get(path, b"")), Marks()
        if tree is None:
            return other(f"{path} is no Python")
        pack_behind(tree, "Synthesizer", "load", CALLS, marks)
        if marks.count:
            module = f"{folder.replace('/', '.')}.{HELPERS[0]}"
            add_import(tree, f"from {module} import quicken_cells", marks)
            created = {f"{folder}/{helper}.py": ANYTHING for helper in HELPERS}
            return construct({path: marks.edit(tree)}, created)
    return none("no model is made ready")
