"""Replay the transformer blocks of F5-TTS as one CUDA graph for each length.

`graph_blocks(model)` is called once behind the loading of a model. The list of a DiT's blocks then gives, where
the network runs them without gradients, one object in the place of all: it runs them one behind the other, on a
CUDA GPU by ttsopt_graphs.py, which captures them at the second evaluation of a length and replays them after it.
Everywhere else the list is as it was, and so are its names, parameters and state_dict; copies and pickles are of
the plain list. A mask (several texts in one batch) goes through the blocks one by one, as shipped.

TTSOPT_CUDA_GRAPHS=0 leaves everything as it is. Laid out by ttsopt; needs Python 3.8, torch 2.1.
"""

import torch

if __package__:
    from .ttsopt_graphs import CudaDevice, Graphs, with_methods
else:
    from ttsopt_graphs import CudaDevice, Graphs, with_methods

_PLACE = "_ttsopt_graphs"


def graph_blocks(model, device=None):
    """Have a DiT's blocks replayed on a GPU; models of another kind stay as they are; return the model."""
    transformer = getattr(model, "transformer", None)
    blocks = getattr(transformer, "transformer_blocks", None)
    kinds = {type(block).__name__ for block in blocks or ()}
    if (
        isinstance(blocks, torch.nn.ModuleList)
        and kinds == {"DiTBlock"}
        and _PLACE not in vars(blocks)
    ):
        vars(blocks)[_PLACE] = _Whole(blocks, device or CudaDevice())
        blocks.__class__ = with_methods(type(blocks), _PLACE, _as_one)
    return model


def _as_one(base):
    def each(self):
        whole = vars(self).get(_PLACE)
        if whole is None or self.training or torch.is_grad_enabled():
            return base.__iter__(self)
        return iter([whole])

    return {"__iter__": each}


class _Whole:
    """All blocks as one; called as upstream calls a block."""

    def __init__(self, blocks, device):
        self.blocks = blocks
        self.graphs = {}  # by the scale of the rotary positions, a number: its Graphs
        self.device = device

    def __call__(self, x, t, mask=None, rope=None):
        """Run them on x (batch, length, width), t (batch, width), rope (frequencies, scale); gives x's shape."""
        freqs, scale = rope if isinstance(rope, tuple) else (None, None)
        if mask is not None or freqs is None or isinstance(scale, torch.Tensor):
            return self._run(x, t, mask, rope)
        if scale not in self.graphs:
            what = "cuda-graph of F5-TTS's blocks"
            self.graphs[scale] = Graphs(self._with(scale), self.device, self._parameters, what)
        return self.graphs[scale](x, t, freqs)

    def _with(self, scale):
        return lambda x, t, freqs: self._run(x, t, None, (freqs, scale))

    def _run(self, x, t, mask, rope):
        for block in self._each():
            x = block(x, t, mask=mask, rope=rope)
        return x

    def _each(self):
        return self.blocks._modules.values()  # noqa: SLF001 - the list's own loop gives this object

    def _parameters(self):
        return self.blocks.parameters()
