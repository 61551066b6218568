"""Records every operation of torch in a call: what it reads and writes, its time, who asked for it.

Loaded by worker.py.
"""

from __future__ import annotations

import contextlib
import gc
import sys
import threading
from time import perf_counter, process_time, thread_time
from typing import Any, Callable, Iterator, List, Optional, Tuple

import _ttsopt_operations as operations
from _ttsopt_chains import Chains
from _ttsopt_dataflow import Storages
from _ttsopt_effects import NO_KEY, Effects, Facts, number
from _ttsopt_rows import Call, Reads
from _ttsopt_saved import SavedTensors

MOST_ROWS = 400_000  # of one call; what comes after is counted, and what it reads counts as used
# Rows. What is left of a freed storage stands between free blocks, and keeps them from becoming larger ones.
FORGET_EVERY = 200


class UnrecordableError(RuntimeError):
    """A torch that cannot tell what it does."""


class Recorder:
    """Records calls of one process. `wait` waits for the device."""

    def __init__(self, view: str, wait: Callable[[], object]) -> None:
        self.torch: Any = sys.modules["torch"]
        self.storages, self.chains, self.wait = Storages(self.torch), Chains(view), wait
        self.call: Optional[Call] = None
        self._effects = Effects(self.torch, self.storages)
        self._lock, self._local = threading.RLock(), threading.local()
        self._mode, self._saved = _mode_class(self), SavedTensors(self.torch)
        # On one thread, CPU time: what other programs do is not in it. Else wall time, the device waited for.
        self.by_cpu = self.torch.get_num_threads() == 1 and not self.torch.cuda.is_initialized()
        self.clock = thread_time if self.by_cpu else perf_counter
        self.of_process = process_time if self.by_cpu else perf_counter

    @property
    def is_inside(self) -> bool:
        """True if this thread is in an operation, or in the recorder itself."""
        return bool(getattr(self._local, "depth", 0))

    @contextlib.contextmanager
    def inside(self) -> Iterator[None]:
        """Record nothing of what this thread does meanwhile."""
        self._local.depth = getattr(self._local, "depth", 0) + 1
        try:
            yield
        finally:
            self._local.depth -= 1

    @contextlib.contextmanager
    def in_thread(self) -> Iterator[None]:
        """Record this thread, once however often it is asked."""
        if getattr(self._local, "is_recorded", False):
            yield
            return
        self._local.is_recorded = True
        try:
            with self._mode(), self._saved.watched():
                yield
        finally:
            self._local.is_recorded = False

    def record(self, call: Callable[[], Any]) -> Tuple[Any, Facts]:
        """Do `call`; return what it returned, and the recording."""
        self.storages.keep_weights()
        gc.collect()
        recorded = self.call = Call()
        wall, start = perf_counter(), self.of_process()
        try:
            with self.in_thread():
                returned = call()
                self.wait()
        finally:
            self.call = None
        seconds = self.of_process() - start - recorded.own_seconds
        wall = perf_counter() - wall
        self._saved.release()
        gc.collect()
        regions = self.storages.regions  # before they begin anew
        told = {
            "call_seconds": max(0.0, seconds),
            "wall_seconds": wall,
            "by_cpu": self.by_cpu,
            "regions": regions,
            "outlive": self.storages.end_call(),
        }
        return returned, {**told, **recorded.message()}

    def dispatch(self, func: Any, args: Tuple[Any, ...], kwargs: Facts) -> Any:
        """Do an operation, and record it."""
        recorded = self.call
        if recorded is None or self.is_inside:
            return func(*args, **kwargs)
        entered = self.clock()
        with self.inside():
            with self._lock:
                before = self._before(recorded, func, args, kwargs)
            at, start = perf_counter() - recorded.began, self.clock()
            returned = func(*args, **kwargs)
            self.wait()
            end = self.clock()
            with self._lock:
                if before is None:
                    recorded.beyond += 1
                    recorded.beyond_seconds += end - start
                else:
                    self._after(recorded, before, returned, (at, end - start))
                recorded.own_seconds += start - entered + self.clock() - end
        return returned

    def opaque(self, name: str, call: Callable[[], Any], given: Any, key: str = "") -> Any:
        """Do something of which torch tells nothing: what it is given is used, and may be changed by it."""
        recorded = self.call
        if recorded is None or self.is_inside:
            return call()
        with self.inside():
            with self._lock:
                reads = self._share(recorded, given)
            at, start = perf_counter() - recorded.began, self.clock()
            returned = call()
            self.wait()
            seconds = self.clock() - start
            facts = {
                "flags": operations.OPAQUE | operations.USED,
                "key": number(key.encode()) if key else NO_KEY,
                "bytes": sum(int(getattr(one, "nbytes", 0)) for one in _rows(returned)),
            }
            with self._lock:
                self._add(recorded, name, reads, (at, seconds), facts)
        return returned

    def saw(self, name: str, value: Any) -> None:
        """Python sees values: they are used, and what it does with their memory nobody tells."""
        recorded = self.call
        if recorded is None or self.is_inside:
            return
        entered = self.clock()
        with self.inside(), self._lock:
            facts = {"flags": operations.USED | operations.SEEN, "key": NO_KEY, "bytes": 0}
            times = perf_counter() - recorded.began, 0.0
            self._add(recorded, name, self._share(recorded, value), times, facts)
            recorded.own_seconds += self.clock() - entered

    def _add(
        self, recorded: Call, name: str, reads: Reads, times: Tuple[float, float], facts: Facts
    ) -> None:
        """Add a row that is no operation, if there is room."""
        if recorded.count < MOST_ROWS:
            chain = self.chains.here()
            recorded.add(name, reads, [], chain=chain, start=times[0], seconds=times[1], **facts)

    def _share(self, recorded: Call, value: Any) -> Reads:
        """Leave memory to others: it counts as used, whenever it was written."""
        regions = self._effects.share(value)
        recorded.shared += regions
        return regions

    def _before(
        self, recorded: Call, func: Any, args: Tuple[Any, ...], kwargs: Facts
    ) -> Optional[Facts]:
        """The facts of an operation before it is done; None where it is not recorded."""
        try:
            if recorded.count < MOST_ROWS:
                return self._effects.before(func, args, kwargs)
        except Exception:  # noqa: BLE001 - whatever it is, the call itself goes on as it would
            recorded.count_unrecorded(func)
        self._share(recorded, (args, list(kwargs.values())))
        return None

    def _after(
        self, recorded: Call, before: Facts, returned: Any, times: Tuple[float, float]
    ) -> None:
        name = before["operation"].name
        try:
            row = self._effects.row(before, returned)
        except Exception:  # noqa: BLE001 - as above
            recorded.count_unrecorded(name)
            self._share(recorded, ([one for one, _ in before["read"]], before["written"], returned))
            return
        chain = self.chains.here()
        recorded.add(name, chain=chain, start=times[0], seconds=times[1], **row)
        if recorded.count % FORGET_EVERY == 0:
            self.storages.forget_freed()


def _mode_class(recorder: Recorder) -> Any:
    """The mode in which torch asks before each operation.

    Raises:
        UnrecordableError: This torch has none.
    """
    try:
        from torch.utils._python_dispatch import TorchDispatchMode
    except ImportError as error:
        told = getattr(recorder.torch, "__version__", "?")
        message = "torch %s has no TorchDispatchMode: 2.0 is needed" % told
        raise UnrecordableError(message) from error

    class Mode(TorchDispatchMode):  # type: ignore[misc, unused-ignore]
        """Hands every operation to the recorder; compiled regions stay compiled, and are opaque."""

        @classmethod
        def _should_skip_dynamo(cls) -> bool:
            return False  # true, it has torch import all of its compiler: some checkouts do not survive that

        @classmethod
        def is_infra_mode(cls) -> bool:
            return True

        @classmethod
        def ignore_compile_internals(cls) -> bool:
            return True

        def __torch_dispatch__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            return recorder.dispatch(func, args, kwargs or {})

    return Mode


def _rows(returned: Any) -> List[Any]:
    return list(returned) if isinstance(returned, (list, tuple)) else [returned]
