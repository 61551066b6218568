"""cosyvoice/tensorrt: CosyVoice2 builds an engine where a helper finds that it can, in float32 alone."""

from __future__ import annotations

from oracles.cosyvoice_exported import asked
from oracles.reading import Expectation, Files

FILES = ("**/cli/cosyvoice.py",)


def expect(files: Files) -> Expectation:
    """An engine is built since `load_trt` is given the ONNX file, then also how many contexts."""
    test = "load_trt or (self.fp16 is False and exported({}, 'tensorrt'))"
    return asked(files, "load_trt", 1, (3, 4), test)
