"""Stopwatches and counters for workloads. Loaded by worker.py for them.

In a workload: `import _ttsopt_instruments as instruments`.
"""

from __future__ import annotations

import functools
import inspect
import sys
from time import perf_counter  # the clock before the checkout is imported
from typing import Any, Callable, Dict, List


def length(output: Any) -> int:
    """Return the samples or frames of an output, over its batch; of a tuple, of its first; of a list, of all."""
    if isinstance(output, tuple):
        return length(output[0])
    if isinstance(output, list):
        return sum(length(part) for part in output)
    rows = output.shape[0] if len(output.shape) > 1 else 1
    return int(rows * output.shape[-1])


def wait_for_device() -> None:
    """Wait until the GPU has done what it was given: CUDA, where torch has it in use."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        torch.cuda.synchronize()


class Instruments:
    """Wraps what the checkout calls; says afterwards how long stages took, and how often things ran.

    `synchronise` waits for the device: with one, a stage is charged with the work that it started there. What
    stages and counters add up is since `clear`. Appending is atomic: stages may run in threads.
    """

    def __init__(self, synchronise: Callable[[], object] = wait_for_device) -> None:
        self._synchronise = synchronise
        self._seconds: Dict[str, List[float]] = {}
        self._counts: Dict[str, List[float]] = {}

    def clear(self) -> None:
        """Start anew."""
        for rows in (*self._seconds.values(), *self._counts.values()):
            del rows[:]

    def counters(self) -> Dict[str, float]:
        """`<stage>_seconds` for every stage, and every counter by its name."""
        spent = {name + "_seconds": sum(rows) for name, rows in self._seconds.items()}
        counted = {name: sum(rows) for name, rows in self._counts.items()}
        return {**spent, **counted}

    def add(self, counter: str, amount: float = 1) -> None:
        """Add to a counter."""
        self._counts.setdefault(counter, []).append(amount)

    def time(self, owner: Any, name: str, stage: str) -> None:
        """Charge a stage with every call of `owner.name`; of a generator, with what is spent in it."""
        inner, spent = getattr(owner, name), self._seconds.setdefault(stage, [])
        # Counting wraps as well, and what it wraps may be a generator.
        generates = inspect.isgeneratorfunction(inspect.unwrap(inner))
        timed = self._generating if generates else self._calling
        setattr(owner, name, functools.wraps(inner)(timed(inner, spent)))

    def count(self, owner: Any, name: str, counter: str) -> None:
        """Count the calls of `owner.name`."""
        inner, counted = getattr(owner, name), self._counts.setdefault(counter, [])

        @functools.wraps(inner)
        def counting(*args: Any, **kwargs: Any) -> Any:
            counted.append(1)
            return inner(*args, **kwargs)

        setattr(owner, name, counting)

    def measure(
        self, owner: Any, name: str, counter: str, size: Callable[[Any], float] = length
    ) -> None:
        """Add to a counter the `size` of each output of `owner.name`."""
        inner, counted = getattr(owner, name), self._counts.setdefault(counter, [])

        @functools.wraps(inner)
        def measuring(*args: Any, **kwargs: Any) -> Any:
            output = inner(*args, **kwargs)
            counted.append(size(output))
            return output

        setattr(owner, name, measuring)

    def _calling(self, inner: Any, spent: List[float]) -> Callable[..., Any]:
        def calling(*args: Any, **kwargs: Any) -> Any:
            start = self._now()
            try:
                return inner(*args, **kwargs)
            finally:
                spent.append(self._now() - start)

        return calling

    def _generating(self, inner: Any, spent: List[float]) -> Callable[..., Any]:
        def generating(*args: Any, **kwargs: Any) -> Any:
            rows = inner(*args, **kwargs)
            while True:
                start = self._now()
                try:
                    row = next(rows)
                except StopIteration as end:
                    return end.value
                finally:
                    spent.append(self._now() - start)
                yield row

        return generating

    def _now(self) -> float:
        self._synchronise()
        return perf_counter()


class Chunks:
    """When each chunk of a stream came, and how many samples it had."""

    def __init__(self) -> None:
        self._start = perf_counter()
        self.rows: List[List[float]] = []

    def add(self, samples: int) -> None:
        """Note a chunk that is there now."""
        self.rows.append([perf_counter() - self._start, samples])
