"""A small model of the tests' own, with planted waste and planted innocents."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from typing import Any

STUBS = ("a model that means nothing", "ONNX Runtime by a class that doubles what it gets")


class Session:
    """In the place of onnxruntime.InferenceSession."""

    def __init__(self, path_or_bytes: str) -> None:
        self.path = path_or_bytes

    def run(self, names: Any, inputs: dict[str, Any]) -> Any:
        """Twice each input."""
        return [2 * value for value in inputs.values()]


def load(job: dict[str, Any]) -> Callable[[dict[str, Any], int], dict[str, Any]]:
    """The checkout's speaker."""
    _stub_onnxruntime()
    import torch
    from planted_tts.speak import Planted

    torch.set_num_threads(job["threads"])
    planted = Planted()

    def speak(utterance: dict[str, Any], seed: int) -> dict[str, Any]:
        samples = planted.speak(utterance["text"], utterance["voice"], seed)
        return {"samples": samples, "sample_rate": 8000}

    return speak


def opened(path_or_bytes: str) -> Session:
    """A session; a checkout may set options here."""
    return Session(path_or_bytes)


def _stub_onnxruntime() -> None:
    """ONNX Runtime with a function in the place of its class, as a checkout puts one there that sets options."""
    stub: Any = types.ModuleType("onnxruntime")
    inside: Any = types.ModuleType("onnxruntime.capi.onnxruntime_inference_collection")
    stub.InferenceSession = opened
    inside.InferenceSession = Session
    for module in (stub, inside):
        sys.modules.setdefault(module.__name__, module)
