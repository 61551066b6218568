"""Tensors that autograd keeps of a recorded call for a backward pass that nobody does. Loaded by worker.py.

A graph may live on in some attribute of a model, and hold the tensors of its operations: that is no use of them,
and after the call they are let go.
"""

from __future__ import annotations

import weakref
from typing import Any


class Saved:
    """A tensor that autograd keeps."""

    __slots__ = ("__weakref__", "tensor")

    def __init__(self, tensor: Any) -> None:
        self.tensor = tensor


class SavedTensors:
    """All that autograd keeps of what is done while it is watched; each thread is watched by itself."""

    def __init__(self, torch: Any) -> None:
        self._torch = torch
        self._known: weakref.WeakSet[Saved] = weakref.WeakSet()

    def watched(self) -> Any:
        """A context in which what autograd keeps goes through here."""
        return self._torch.autograd.graph.saved_tensors_hooks(self._pack, _unpack)

    def release(self) -> None:
        """Let go of all of it."""
        for saved in list(self._known):
            saved.tensor = None

    def _pack(self, tensor: Any) -> Saved:
        saved = Saved(tensor)
        self._known.add(saved)
        return saved


def _unpack(saved: Saved) -> Any:
    if saved.tensor is None:
        raise RuntimeError("a backward pass of a call that was recorded and is over")
    return saved.tensor
