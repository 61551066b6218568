"""cosyvoice/folded-weight-norm: the vocoder is folded right after it is loaded."""

from __future__ import annotations

from dataclasses import replace

from oracles.imports import add_import, imports_package
from oracles.python_file import edited
from oracles.reading import (
    ANYTHING,
    CONSTRUCT,
    Expectation,
    Files,
    Marks,
    Module,
    lines_of,
    methods,
    spelled,
    statements,
)

FILES = ("**/cli/model.py",)
PATH = "cosyvoice/cli/model.py"
HELPER = "cosyvoice/cli/ttsopt_cosyvoice_weight_norm.py"
READY = "self.hift.to(self.device).eval()"


def expect(files: Files) -> Expectation:
    """Every `load` that makes a vocoder ready, and one new file."""
    reading = edited(files, PATH, _edit, "no vocoder is loaded")
    return replace(reading, created={HELPER: ANYTHING}) if reading.kind == CONSTRUCT else reading


def _edit(tree: Module, marks: Marks) -> None:
    for model in ("CosyVoiceModel", "CosyVoice2Model", "CosyVoice3Model"):
        for function in methods(tree, model, "load"):
            for index, node in reversed(list(enumerate(function.body))):
                if spelled(node, READY):
                    marks.inserted.add(max(lines_of(node)))
                    marks.count += 1
                    function.body[index + 1 : index + 1] = statements("fold_weight_norm(self.hift)")
    if marks.count:
        # The first versions import nothing of their package.
        package = "cosyvoice.cli" if imports_package(tree, "cosyvoice") else ""
        code = f"from {package}.ttsopt_cosyvoice_weight_norm import fold_weight_norm"
        add_import(tree, code, marks)
