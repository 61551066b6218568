"""cosyvoice/tensorrt: CosyVoice2 has a helper load an engine where another finds that it can, in float32 alone."""

from __future__ import annotations

import ast
from dataclasses import replace

from oracles.cosyvoice_exported import asked
from oracles.reading import ANYTHING, CONSTRUCT, Expectation, Files, expression

FILES = ("**/cli/cosyvoice.py",)
TEST = "load_trt or (self.fp16 is False and exported({}, 'tensorrt'))"
HELPER = "cosyvoice/cli/ttsopt_cosyvoice_tensorrt.py"
IMPORT = "from .ttsopt_cosyvoice_tensorrt import load_engine"


def expect(files: Files) -> Expectation:
    """An engine is built since `load_trt` is given the ONNX file, then also how many contexts."""
    reading = asked(files, "load_trt", 1, (3, 4), TEST, _by_helper, (IMPORT,))
    if reading.kind != CONSTRUCT:
        return reading
    return replace(reading, created={**reading.created, HELPER: ANYTHING})


def _by_helper(call: ast.Call) -> None:
    """`self.model.load_trt(...)` becomes `load_engine(self.model, ...)`."""
    assert ast.unparse(call.func) == "self.model.load_trt"
    call.func = expression("load_engine")
    call.args.insert(0, expression("self.model"))
