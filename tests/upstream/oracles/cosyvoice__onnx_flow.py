"""cosyvoice/onnx-flow: behind the choice of upstream's engine, a helper is given the estimator's ONNX file."""

from __future__ import annotations

import ast
from dataclasses import replace

from oracles.imports import add_import
from oracles.python_file import edited
from oracles.reading import (
    ANYTHING,
    CONSTRUCT,
    Expectation,
    Files,
    Marks,
    Module,
    blocks,
    lines_of,
    methods,
    spelled,
    statements,
)

FILES = ("**/cli/cosyvoice.py",)
PATH = "cosyvoice/cli/cosyvoice.py"
ONNX = "'{}/flow.decoder.estimator.fp32.onnx'.format(model_dir)"
HELPERS = ("cosyvoice_onnx_flow", "tensorrt_session", "kernels")
CREATED = {f"cosyvoice/cli/ttsopt_{name}.py": ANYTHING for name in HELPERS}


def expect(files: Files) -> Expectation:
    """One call in each constructor that may build an engine of that file."""
    reading = edited(files, PATH, _edit, "no engine is built from the ONNX file")
    return replace(reading, created=CREATED) if reading.kind == CONSTRUCT else reading


def _edit(tree: Module, marks: Marks) -> None:
    for name in ("CosyVoice", "CosyVoice2", "CosyVoice3"):
        for function in methods(tree, name, "__init__"):
            for block in list(blocks(function)):
                for index, node in reversed(list(enumerate(block))):
                    if _builds(node):
                        block[index + 1 : index + 1] = statements(
                            f"flow_by_session(self.model, {ONNX})"
                        )
                        marks.inserted.add(max(lines_of(node)))
                        marks.count += 1
    if marks.count:
        line = "from cosyvoice.cli.ttsopt_cosyvoice_onnx_flow import flow_by_session"
        add_import(tree, line, marks)


def _builds(node: ast.stmt) -> bool:
    if not isinstance(node, ast.If) or not spelled(node.test, "load_trt"):
        return False
    call = node.body[-1].value if isinstance(node.body[-1], ast.Expr) else None
    if not isinstance(call, ast.Call) or not spelled(call.func, "self.model.load_trt"):
        return False
    return len(call.args) > 1 and spelled(call.args[1], ONNX)
