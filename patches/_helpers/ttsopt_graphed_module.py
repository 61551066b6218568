"""Replay a module of a fixed architecture on a CUDA GPU as one graph for each shape that it is called with.

`graph_module(module, kinds, what)` gives a module whose class has one of the names `kinds` a forward that goes
through ttsopt_graphs.py: tensors among its arguments are what a graph copies in; numbers, flags and None belong to
the graph. The first call of a shape runs as shipped, the second is captured, later ones are replays. It is for
modules that give one tensor, read nothing back from the device, and are called many times in a shape: the
estimator of a flow's solver, a vocoder in chunks.

With gradients, in training, under autocast, on a CPU and with other arguments the module's own forward runs, and
so it does in a shape whose capture failed, which is said once. Names, parameters and state_dict are as without it;
copies and pickles are plain modules. TTSOPT_CUDA_GRAPHS=0 leaves everything as it is. Laid out by ttsopt; needs
Python 3.8, torch 2.1.
"""

import torch

if __package__:
    from .ttsopt_graphs import MOST, CudaDevice, Graphs, with_methods
else:
    from ttsopt_graphs import MOST, CudaDevice, Graphs, with_methods

_PLACE = "_ttsopt_graphs"
_NUMBERS = (type(None), bool, int, float, str)
_TENSOR = object()  # in a graph's key: what is copied in
MOST_KEYS = 4


def graph_module(module, kinds, what, device=None, also=(), most=MOST, warm=1):
    """Have a module replayed on a GPU; return it.

    Args:
        module: What is replayed; None and modules of other classes stay as they are.
        kinds: Names of classes.
        what: Words for what is said.
        device: What captures; None for CUDA.
        also: Dotted names of tensors that the module reads and are no parameters or buffers.
        most: Graphs that are kept.
        warm: Calls of a shape that run as shipped before one is captured.
    """
    fits = type(module).__name__ in kinds and isinstance(module, torch.nn.Module)
    if fits and _PLACE not in vars(module) and "forward" not in vars(module):
        vars(module)[_PLACE] = _Replays(what, device or CudaDevice(), also, (most, warm))
        module.__class__ = with_methods(type(module), _PLACE, _by_replays)
    return module


def _by_replays(base):
    def forward(self, *args, **kwargs):
        replays = vars(self).get(_PLACE)
        if replays is None or self.training or torch.is_grad_enabled():
            return base.forward(self, *args, **kwargs)
        return replays(self, base.forward, args, kwargs)

    return {"forward": forward}


class _Replays:
    """The graphs of one module, by what its calls have beside tensors."""

    def __init__(self, what, device, also, limits):
        self.what, self.device, self.also, self.limits = what, device, also, limits
        self.graphs = {}

    def __call__(self, module, forward, args, kwargs):
        """Return what forward(module, *args, **kwargs) gives."""
        names = tuple(sorted(kwargs))
        given = (*args, *(kwargs[name] for name in names))
        tensors = [one for one in given if isinstance(one, torch.Tensor)]
        rest = [one for one in given if not isinstance(one, torch.Tensor)]
        if not tensors or not all(isinstance(one, _NUMBERS) for one in rest):
            return forward(module, *args, **kwargs)
        kept = tuple(_TENSOR if isinstance(one, torch.Tensor) else one for one in given)
        key = (names, len(args), *((type(one), one) for one in kept))
        if key not in self.graphs and len(self.graphs) >= MOST_KEYS:
            return forward(module, *args, **kwargs)
        if key not in self.graphs:
            run = _with(module, forward, names, kept)
            self.graphs[key] = Graphs(
                run, self.device, lambda: self._reads(module), self.what, *self.limits
            )
        return self.graphs[key](*tensors)

    def _reads(self, module):
        yield from module.parameters()
        yield from module.buffers()
        for name in self.also:
            value = module
            for part in name.split("."):
                value = getattr(value, part, None)
            if isinstance(value, torch.Tensor):
                yield value


def _with(module, forward, names, kept):
    """A function of tensors alone; the other arguments are those of `kept`."""

    def run(*tensors):
        left = iter(tensors)
        given = [next(left) if one is _TENSOR else one for one in kept]
        count = len(given) - len(names)
        return forward(module, *given[:count], **dict(zip(names, given[count:])))

    return run
