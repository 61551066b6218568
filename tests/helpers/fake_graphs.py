"""A device for ttsopt_graphs.py that needs no GPU: it replays over memory that it sees to be the same.

A capture launches nothing and draws no random number: what it leaves is not a number until the first replay. A
replay runs the function once more, and raises where it reads other memory than the capture did, or gives
another shape.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any

torch: Any = import_module("torch")
modes: Any = import_module("torch.utils._python_dispatch")
pytree: Any = import_module("torch.utils._pytree")


class Reads(modes.TorchDispatchMode):  # type: ignore[misc]
    """Addresses of storages that operations read and none of them made."""

    def __init__(self, is_on_host: Callable[[Any], bool]) -> None:
        super().__init__()
        self.is_on_host = is_on_host
        self.outside: set[int] = set()
        self.made: dict[int, Any] = {}  # kept alive, so that no address is used twice

    def __torch_dispatch__(self, func: Any, _types: Any, args: Any = (), kwargs: Any = None) -> Any:
        for one in tensors_of((args, kwargs or {})):
            if place(one) not in self.made and not self.is_on_host(one):
                self.outside.add(place(one))
        given = func(*args, **(kwargs or {}))
        for one in tensors_of(given):
            if place(one) not in self.outside:
                self.made[place(one)] = one
        return given


def tensors_of(values: Any) -> list[Any]:
    return [one for one in pytree.tree_leaves(values) if isinstance(one, torch.Tensor)]


def place(tensor: Any) -> int:
    return int(tensor.untyped_storage().data_ptr())


class FakeDevice:
    """Counts what it does; `fails` is what a capture fails with."""

    def __init__(self) -> None:
        self.captures = self.replays = 0
        self.free, self.fails = 1 << 40, ""
        # Tensors that would lie on the host beside a GPU: a graph has their numbers, not their places.
        self.is_on_host: Callable[[Any], bool] = lambda _tensor: False
        self.lock = threading.Lock()

    def is_for(self, _tensor: Any) -> bool:
        return True

    def free_bytes(self) -> int:
        return self.free

    def settle(self) -> None:
        """Nothing was launched."""

    def capture(self, function: Callable[[], Any]) -> tuple[Callable[[], None], Any]:
        if self.fails:
            raise RuntimeError(self.fails)
        self.captures += 1
        with Reads(self.is_on_host) as first, torch.random.fork_rng(devices=[]):
            made = function()
        with torch.inference_mode(False):
            kept = torch.full(made.shape, float("nan"), dtype=made.dtype)

        def replay() -> None:
            self.replays += 1
            with Reads(self.is_on_host) as again:
                now = function()
            assert again.outside == first.outside, "other memory is read than at the capture"
            assert now.shape == kept.shape, "another shape comes out than at the capture"
            kept.copy_(now)

        return replay, kept
