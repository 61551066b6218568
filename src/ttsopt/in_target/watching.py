"""Watch a recorded call for all that torch's operations do not tell. Loaded by worker.py.

Values that Python sees, threads, compiled regions and ONNX Runtime, compiled regular expressions, files that are
read, and where the time goes that no operation of torch takes.
"""

from __future__ import annotations

import concurrent.futures.thread as executors
import contextlib
import functools
import hashlib
import os
import re
import signal
import sys
import threading
from types import FrameType
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

SAMPLE_SECONDS = 0.004
# Methods of tensors through which Python, or another library, gets at their values or their memory.
SEEING = (
    "numpy",
    "tolist",
    "__array__",
    "__dlpack__",
    "data_ptr",
    "storage",
    "untyped_storage",
    "share_memory_",
    "_typed_storage",
    "__reduce_ex__",
    "__deepcopy__",
)
FUNCTIONS = (
    ("torch", "to_dlpack"),
    ("torch.utils.dlpack", "to_dlpack"),
    ("torch._C", "_to_dlpack"),
)
# Regions that torch compiles: their kernels are no operations.
COMPILED = (
    ("torch._inductor.output_code", "CompiledFxGraph"),
    ("torch._inductor.codecache", "CompiledFxGraph"),
)
# Where the class of ONNX Runtime's sessions is; a checkout may have put a function in its place in the first.
SESSIONS = ("onnxruntime", "onnxruntime.capi.onnxruntime_inference_collection")
Where = Tuple[int, str]  # chain, what


class Watch:
    """Puts watchers in the place of what is watched, for as long as a call is recorded."""

    def __init__(self, recorder: Any) -> None:
        self.recorder = recorder
        self.found: Dict[str, Dict[Where, List[float]]] = {}
        self._hooked = False

    @contextlib.contextmanager
    def around(self) -> Iterator[Dict[str, Dict[Where, List[float]]]]:
        """Watch; give what was found: kind -> (chain, what) -> [count, seconds]."""
        self.found = {"files": {}, "patterns": {}, "sessions": {}, "outside": {}}
        if not self._hooked:
            sys.addaudithook(self._audit)
            self._hooked = True
        with contextlib.ExitStack() as stack:
            for owner, name, watcher in self._watchers():
                stack.enter_context(replaced(owner, name, watcher))
            sampler = Sampler(self)
            stack.callback(sampler.stop)
            yield self.found

    def note(self, kind: str, what: str, chain: int, amount: float = 0.0) -> None:
        """Count something at the place in the checkout that it was asked from."""
        row = self.found[kind].setdefault((chain, what), [0, 0.0])
        row[0] += 1
        row[1] += amount

    def _watchers(self) -> Iterator[Tuple[Any, str, Callable[[Any], Any]]]:
        tensor = self.recorder.torch.Tensor
        for name in SEEING:
            if hasattr(tensor, name):
                yield tensor, name, functools.partial(self._seeing, name)
        for module, name in FUNCTIONS:
            if hasattr(sys.modules.get(module), name):
                yield sys.modules[module], name, functools.partial(self._seeing, name)
        yield threading.Thread, "_bootstrap_inner", self._recorded
        yield executors._WorkItem, "run", self._recorded  # noqa: SLF001
        for module, name in COMPILED:
            owner = getattr(sys.modules.get(module), name, None)
            if owner is not None:
                yield owner, "__call__", functools.partial(self._opaque, "torch.compile")
        yield from self._sessions()
        compiler = getattr(re, "_compiler", None) or getattr(re, "sre_compile", None)
        if compiler is not None:
            yield compiler, "compile", self._pattern

    def _sessions(self) -> Iterator[Tuple[Any, str, Callable[[Any], Any]]]:
        session = session_class()
        if session is not None:
            yield session, "run", functools.partial(self._opaque, "onnxruntime")
            yield session, "__init__", self._session

    def _seeing(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(real)
        def watcher(*args: Any, **kwargs: Any) -> Any:
            self.recorder.saw("python.%s" % name, args[:1])
            return real(*args, **kwargs)

        return watcher

    def _recorded(self, real: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(real)
        def watcher(*args: Any, **kwargs: Any) -> Any:
            if self.recorder.call is None:
                return real(*args, **kwargs)
            with self.recorder.in_thread():
                return real(*args, **kwargs)

        return watcher

    def _opaque(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(real)
        def watcher(owner: Any, *args: Any, **kwargs: Any) -> Any:
            key = "%s %d %s" % (name, id(owner), contents((args, kwargs)))
            given = (args, list(kwargs.values()))
            return self.recorder.opaque(name, lambda: real(owner, *args, **kwargs), given, key)

        return watcher

    def _session(self, real: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(real)
        def watcher(owner: Any, *args: Any, **kwargs: Any) -> Any:
            start = self.recorder.clock()
            real(owner, *args, **kwargs)
            model = args[0] if args else kwargs.get("path_or_bytes")
            what = os.path.basename(model) if isinstance(model, str) else "from memory"
            self.note("sessions", what, self.recorder.chains.here(), self.recorder.clock() - start)

        return watcher

    def _pattern(self, real: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(real)
        def watcher(*args: Any, **kwargs: Any) -> Any:
            start = self.recorder.clock()
            try:
                return real(*args, **kwargs)
            finally:
                what = str(args[0])[:60] if args else ""
                self.note(
                    "patterns", what, self.recorder.chains.here(), self.recorder.clock() - start
                )

        return watcher

    def _audit(self, event: str, args: Tuple[Any, ...]) -> None:
        """Python tells of every file that is opened; this cannot be taken back, and is quiet outside of calls."""
        if event != "open" or self.recorder.call is None or self.recorder.is_inside:
            return
        path, writes = args[0], args[2] & (os.O_WRONLY | os.O_RDWR)
        is_code = isinstance(path, str) and path.endswith((".py", ".pyc", ".so"))
        if isinstance(path, (str, bytes)) and not is_code and not writes:
            # What is wrong with a path is for whoever opens it to find out.
            with self.recorder.inside(), contextlib.suppress(ValueError, OSError):
                name = self.recorder.chains.from_view(os.fsdecode(path))
                self.note("files", name, self.recorder.chains.here())


class Sampler:
    """Looks every few milliseconds of CPU time what the main thread does outside of torch's operations.

    By a signal, whose handler runs in that thread: a frame that another thread holds would keep guards of
    torch alive, which are locals of frames, and undo them there. Where there is no such timer, nothing is sampled.
    """

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        is_main = threading.current_thread() is threading.main_thread()
        self._is_on = is_main and hasattr(signal, "setitimer")
        if self._is_on:
            self._before = signal.signal(signal.SIGPROF, self._look)
            signal.siginterrupt(signal.SIGPROF, False)
            signal.setitimer(signal.ITIMER_PROF, SAMPLE_SECONDS, SAMPLE_SECONDS)

    def stop(self) -> None:
        """Look no more."""
        if self._is_on:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, self._before or signal.SIG_DFL)

    def _look(self, _: int, frame: Optional[FrameType]) -> None:
        if frame is not None and not of_recorder(frame):
            chain = self._watch.recorder.chains.number(frame)
            self._watch.note("outside", library(frame), chain)


def session_class() -> Optional[type]:
    """The class of ONNX Runtime's sessions, where that is loaded."""
    found = [getattr(sys.modules.get(name), "InferenceSession", None) for name in SESSIONS]
    return next((one for one in found if isinstance(one, type)), None)


def of_recorder(frame: Optional[FrameType]) -> bool:
    """True if a thread is in an operation that is recorded, or in the recorder itself."""
    while frame is not None:
        name = str(frame.f_globals.get("__name__"))
        if name == "_ttsopt_recorder" and frame.f_code.co_name in {"dispatch", "opaque", "saw"}:
            return True
        if name == "_ttsopt_watching" and frame.f_code.co_name != "watcher":
            return True
        frame = frame.f_back
    return False


def library(frame: FrameType) -> str:
    """The package that a thread is in."""
    name = frame.f_globals.get("__name__") or "?"
    return str(name).partition(".")[0]


@contextlib.contextmanager
def replaced(owner: Any, name: str, watcher: Callable[[Any], Any]) -> Iterator[None]:
    """Put a watcher in the place of an attribute, and take it out again."""
    is_own = name in vars(owner)
    real = getattr(owner, name)
    setattr(owner, name, watcher(real))
    try:
        yield
    finally:
        if is_own:
            setattr(owner, name, real)
        else:
            delattr(owner, name)


def contents(value: Any) -> str:
    """A hash of arrays and plain values; of anything else, what tells the object from others."""
    if isinstance(value, (list, tuple)):
        return "[%s]" % ",".join(contents(one) for one in value)
    if isinstance(value, dict):
        return "{%s}" % ",".join("%s=%s" % (name, contents(one)) for name, one in value.items())
    if hasattr(value, "tobytes") and hasattr(value, "dtype"):
        digest = hashlib.blake2b(value.tobytes(), digest_size=12).hexdigest()
        return "%s%s%s" % (digest, value.dtype, getattr(value, "shape", ""))
    return repr(value)
