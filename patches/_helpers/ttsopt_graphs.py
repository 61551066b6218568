"""Replay what a GPU was told once: one CUDA graph for each shape, instead of a launch for every small operation.

`Graphs(function, ...)` is called in the place of `function`, which takes tensors and gives one tensor. The first
call of a shape runs as shipped, and so warms up what libraries make at a first call; the second is captured, and
that one and all later ones are replays: the given tensors are copied into buffers that stay where they are, and
the result is a copy. A function must not read numbers back from the device, must not draw random numbers of a
generator of its own (torch registers the default one), and must read nothing that changes but what it is given and
`parameters`: where one of those was replaced, all graphs are forgotten.

Graphs share one pool of memory, as only one of them runs at a time and its result is copied before the next one.
The least recently used one goes where there would be more than `most`. Where less than LEAST_FREE is free on the
device nothing is captured, and what a capture fails at is said once: that shape runs as shipped from then on.
TTSOPT_CUDA_GRAPHS=0 runs everything as shipped, at any time.

A device is five things: `is_for(tensor)`, `free_bytes()`, `capture(function)`, which gives (a function that
replays, its result), `settle()`, which waits for what was launched, and `lock`, which all that share its pool
take. The tests have one that needs no GPU.

Sources: https://pytorch.org/docs/stable/notes/cuda.html#cuda-graphs, and pytorch#123177 for graphs in threads:
those of torch.compile are meant there; here the device's lock keeps capture and replay in one thread at a time.
Laid out by ttsopt; needs Python 3.8, torch 2.1.
"""

import collections
import copyreg
import os
import sys
import threading

import torch

SWITCH = "TTSOPT_CUDA_GRAPHS"
LEAST_FREE = 1 << 29  # bytes
MOST = 8
MOST_SEEN = 1024  # shapes
# How far a step may be from the shipped one, relative to the largest value; float32 with TF32's products in mind.
TOLERANCE = {torch.float64: 1e-9, torch.float32: 2e-3, torch.float16: 2e-2, torch.bfloat16: 5e-2}
_OFF = {"0", "off", "no", "false"}

_classes = {}

__ttsopt_fallbacks__ = []  # read by ttsopt's benchmark: what was said on stderr


def with_methods(base, place, made):
    """Return a subclass of `base` with the methods that `made(base)` gives by their names; made once for both.

    What the methods look for lies in the object itself under the name `place`. Copies and pickles are of `base`,
    and without it.
    """

    def reduce(self, _):
        state = {name: value for name, value in vars(self).items() if name != place}
        return copyreg._reconstructor, (base, object, None), state  # noqa: SLF001

    if (base, made) not in _classes:
        named = {"__module__": base.__module__, "__qualname__": base.__qualname__}
        body = {**named, "__reduce_ex__": reduce, **made(base)}
        _classes[base, made] = type(base.__name__, (base,), body)
    return _classes[base, made]


class Graphs:
    """A function that is replayed by shape.

    Args:
        function: Takes tensors, gives one tensor; the same operations for the same shapes.
        device: What captures; a CudaDevice.
        parameters: A function without arguments that gives the tensors that `function` reads beside its own.
        what: Words for what is said.
        most: Graphs that are kept.
        warm: Calls of a shape that run as shipped before one is captured; TorchScript compiles in the first ones.
    """

    def __init__(self, function, device, parameters, what, most=MOST, warm=1):
        self.function, self.device, self.parameters = function, device, parameters
        self.what, self.most, self.warm = what, most, warm
        self.graphs = collections.OrderedDict()  # shapes to a _Graph, the least recently used first
        self.seen, self.refused = collections.OrderedDict(), set()
        self.places = None

    def __call__(self, *tensors):
        """Return what `function` gives for these tensors."""
        if not self._is_for_us(tensors):
            return self.function(*tensors)
        shapes = tuple((tuple(one.shape), one.dtype, one.device) for one in tensors)
        with self.device.lock:
            self._forget_what_moved()
            graph = self._graph(shapes, tensors)
            if graph is not None:
                return graph(tensors)
        return self.function(*tensors)

    def _is_for_us(self, tensors):
        """True for inference on the device, outside of autocast and of whatever looks at each operation."""
        return may_replay() and all(self.device.is_for(one) for one in tensors)

    def _forget_what_moved(self):
        places = tuple(one.data_ptr() for one in self.parameters())
        if places != self.places:
            self.graphs.clear()
            self.seen.clear()
            self.places = places

    def _graph(self, shapes, tensors):
        """Return the graph of these shapes; None where they run as shipped this time."""
        if shapes in self.refused:
            return None
        if shapes not in self.graphs:
            if not self._is_worth_it(shapes):
                return None
            graph = self._captured(shapes, tensors)
            if graph is None:
                return None
            self.graphs[shapes] = graph
            while len(self.graphs) > self.most:
                self.graphs.popitem(last=False)
        self.graphs.move_to_end(shapes)
        return self.graphs[shapes]

    def _is_worth_it(self, shapes):
        """True once these shapes have run as shipped `warm` times, where there is memory."""
        was_seen = self.seen.get(shapes, 0) >= self.warm
        self.seen[shapes] = self.seen.get(shapes, 0) + 1
        while len(self.seen) > MOST_SEEN:
            self.seen.popitem(last=False)
        return was_seen and self.device.free_bytes() >= LEAST_FREE

    def _captured(self, shapes, tensors):
        try:
            return _Graph(self.function, self.device, tensors)
        except (RuntimeError, ValueError, NotImplementedError) as error:
            self.refused.add(shapes)
            reason = (str(error).strip() or "no reason given").splitlines()[0]
            say_once("%s: no graph: %s" % (self.what, reason))
            return None


class _Graph:
    """A captured call: buffers that it reads, and the one that it leaves its result in."""

    def __init__(self, function, device, tensors):
        self.device = device
        # Buffers of inference mode could not be written to outside of it.
        with torch.inference_mode(False):
            self.given = [torch.empty_like(one).copy_(one) for one in tensors]
        device.settle()
        self.replay, self.made = device.capture(lambda: function(*self.given))

    def __call__(self, tensors):
        for kept, one in zip(self.given, tensors):
            kept.copy_(one)
        self.replay()
        made = self.made.clone()
        self.device.settle()  # another thread's stream may replay next
        return made


class CudaDevice:
    """CUDA graphs of torch, all in one pool."""

    def __init__(self):
        self.pool = None
        self.lock = threading.Lock()

    @staticmethod
    def is_for(tensor):
        """True for a tensor on a CUDA GPU."""
        return tensor.is_cuda

    @staticmethod
    def free_bytes():
        """The device's free memory, with what torch has of it and does not use."""
        cached = torch.cuda.memory_reserved() - torch.cuda.memory_allocated()
        return torch.cuda.mem_get_info()[0] + cached

    @staticmethod
    def settle():
        """Wait for what this thread's stream was told."""
        torch.cuda.current_stream().synchronize()

    def capture(self, function):
        """Return (what replays it, its result)."""
        if self.pool is None:
            self.pool = torch.cuda.graph_pool_handle()
        graph = torch.cuda.CUDAGraph()
        # Other threads may go on launching while this one captures.
        with torch.cuda.graph(graph, pool=self.pool, capture_error_mode="thread_local"):
            made = function()
        return graph.replay, made


def may_replay():
    """True where the switch is on, there are no gradients, and nothing looks at each operation."""
    is_off = os.environ.get(SWITCH, "").strip().lower() in _OFF
    return not is_off and not torch.is_grad_enabled() and not _is_watched()


def is_cast_or_traced():
    """True under autocast, tracing and compiling."""
    tracing = torch._C._get_tracing_state() is not None  # noqa: SLF001 - there is no public name
    compiler = getattr(getattr(torch, "compiler", None), "is_compiling", None)
    return tracing or torch.is_autocast_enabled() or bool(compiler and compiler())


def _is_watched():
    return is_cast_or_traced() or torch._C._len_torch_dispatch_stack() > 0  # noqa: SLF001


def is_as_shipped(made, wanted, what):
    """True if a step of `what` gave what the shipped one gives, within TOLERANCE; otherwise it is said."""
    largest = wanted.abs().max().clamp(min=1e-12)
    off = float((made - wanted).abs().max() / largest)
    is_close = off <= TOLERANCE.get(wanted.dtype, 0)
    if not is_close:
        say_once("%s: a step came out otherwise, by %.2g of its largest value" % (what, off))
    return is_close


def say_once(text):
    """Say on stderr what runs as shipped, once in a process."""
    if text not in __ttsopt_fallbacks__:
        __ttsopt_fallbacks__.append(text)
        sys.stderr.write("ttsopt: %s\n" % (text,))
