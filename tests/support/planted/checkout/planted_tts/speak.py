"""Runs all planted functions, and a small encoder of voice and text."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from planted_tts import innocent, waste
from planted_tts.parts import LINEAR, WIDTH

NOT_PLANTED = {"look", "kept", "branch", "linear"}


def functions(module: Any) -> list[Callable[[Any], Any]]:
    """The planted functions of a module, in the order of its source."""
    found = [
        one
        for name, one in vars(module).items()
        if inspect.isfunction(one) and name not in NOT_PLANTED
    ]
    return sorted(found, key=lambda one: one.__code__.co_firstlineno)


class Planted:
    """Speaks numbers."""

    def speak(self, text: str, voice: int, seed: int) -> Any:
        """Samples as a numpy array: one of each planted function, in both modes, and those of the voice."""
        found = []
        for offset, mode in ((0, torch.inference_mode), (1000, torch.no_grad)):
            for number, function in enumerate(functions(waste) + functions(innocent)):
                torch.manual_seed(seed + offset + number)
                with mode():
                    found.append(float(function(torch.randn(16, WIDTH))))
        with torch.no_grad():
            return np.array(found + self.sing(text, voice)[0].tolist(), dtype=np.float32)

    def sing(self, text: str, voice: int) -> Any:
        """What depends on the voice, on the text, and on both."""
        return torch.tanh(self.encode_voice(voice) * self.encode_text(text))

    def encode_voice(self, voice: int) -> Any:
        return LINEAR(torch.from_numpy(np.full((1, WIDTH), voice, dtype=np.float32)))

    def encode_text(self, text: str) -> Any:
        tokens = torch.tensor([float(ord(one)) for one in text.ljust(WIDTH)[:WIDTH]])
        return LINEAR(tokens[None]).sigmoid()
