"""Recurrent layers on a CPU, in the kind that this processor is quickest in.

`quicken_cells(decoder)` is called once behind the loading of a model: its LSTM cells, which a decoder calls once a
step, keep their parameters and multiply input and state by both of their weights in one product, in the quickest
of float32 as shipped, float32 in oneDNN's own layout, bfloat16, and 8 bits (`ttsopt_products`). A step is bound by
the bytes of its weights, of which there are half or a quarter to read. Gates and state stay in float32.

`quick_embedding(model, frames)` is `model.forward(frames).detach()` of a speaker encoder, without gradients that
nobody asks for, and with its LSTM in bfloat16 where that is quicker.

ttsopt_fused_modules.py says when upstream's own forward is used instead. Weights that were changed, loaded anew or
moved are noticed at the next call of a sequence, and of cells with the first, all zero state of a sentence.

Memory: the weights in the kinds that are taken (bfloat16: half as much again; 8 bits: a quarter).
TTSOPT_INT8_CELLS=0 and TTSOPT_BF16_ENCODER=0 leave everything as it is. Laid out by ttsopt; needs Python
3.8, torch 2.1.
"""

# ruff: noqa: SLF001 - torch's recurrent functions, the weights of its layers and their class have no public names

import os
import threading

import torch

if __package__:
    from .ttsopt_fused_modules import fuse
    from .ttsopt_kernels import quickest
    from .ttsopt_products import Product, Stamp, rounded
else:
    from ttsopt_fused_modules import fuse
    from ttsopt_kernels import quickest
    from ttsopt_products import Product, Stamp, rounded

LOSSY = ("float32", "packed", "bf16", "int8w", "int8")
CLOSE = ("float32", "bf16")
CELLS, ENCODER = "int8-cells", "bf16-encoder"
LEAST = 1 << 16  # weights of a cell that is worth it
SEQUENCE = 3  # dimensions: (batch, frames, in)
STATE = 2  # of a cell's input: (batch, in)
PROBE = 16  # frames to measure with: a processor without bfloat16 takes a thousand times as long for each
_OFF = {"0", "off", "no", "false"}

_lock = threading.Lock()


def quicken_cells(model, kinds=LOSSY):
    """Give the LSTM cells of `model` their quick forward; say on stderr what was done; return the model."""
    return fuse(model, (Cell,), CELLS, kinds)


def quick_embedding(model, frames):
    """Return `model.forward(frames).detach()`, embeddings (batch, size) of mel frames (batch, frames, bands)."""
    if os.environ.get("TTSOPT_BF16_ENCODER", "").strip().lower() in _OFF or not frames.is_cpu:
        return model.forward(frames).detach()
    with _lock:
        if not hasattr(type(getattr(model, "lstm", None)), "_ttsopt_base"):
            fuse(model, (Lstm,), ENCODER, CLOSE)
    with torch.no_grad():
        return model.forward(frames)


# ---- a cell ----


class Cell:
    """The quick forward of one LSTMCell."""

    is_residual = False

    @staticmethod
    def fits(module):
        """True for an LSTMCell with biases whose weights are large enough."""
        return (
            type(module) is torch.nn.LSTMCell
            and "forward" not in vars(module)
            and module.bias
            and module.weight_ih.numel() + module.weight_hh.numel() >= LEAST
        )

    def __init__(self, cell, kinds):
        self.gates = _Gates(cell, kinds)

    def given(self, x, state=None):
        """Return what a call gives, for `__call__`; None where it has no state, or float32 is the quickest."""
        if state is None or x.dim() != STATE or x.shape[0] == 0:
            return None
        return None if self.gates.is_plain(x.shape[0]) else (x, *state)

    def __call__(self, _cell, x, hidden, carried):
        """Make a step: x (batch, in), hidden and carried (batch, size); gives the next two."""
        if not hidden.any():  # of a sentence's first step
            self.gates.renew()
        made = self.gates(torch.cat((x, hidden), 1)).float()
        into, keep, new, out = made.chunk(4, 1)
        carried = torch.addcmul(keep.sigmoid() * carried, into.sigmoid(), new.tanh())
        return out.sigmoid() * carried.tanh(), carried


class _Gates(Product):
    """The four gates of a cell: the product of input and state, one behind the other, with both weights."""

    def __init__(self, cell, kinds):
        super().__init__((cell.weight_ih, cell.weight_hh), (cell.bias_ih, cell.bias_hh), kinds)

    def _joined(self):
        with torch.no_grad():
            return torch.cat(self.weights, 1), self.biases[0] + self.biases[1]


# ---- a sequence ----


class Lstm:
    """The quick forward of one LSTM over sequences: oneDNN's in bfloat16."""

    is_residual = False

    @staticmethod
    def fits(module):
        """True for an LSTM in one direction, batch first, with biases."""
        return (
            type(module) is torch.nn.LSTM
            and "forward" not in vars(module)
            and module.bias
            and module.batch_first
            and not module.bidirectional
            and not module.proj_size
        )

    def __init__(self, layer, kinds):
        self.layer, self.kinds = layer, kinds
        self.taken = {}  # by batch, rounded up
        self.half = None  # (stamp, weights in bfloat16)

    def given(self, x, state=None):
        """Return what a call gives, for `__call__`; None where it has a state, or float32 is the quickest."""
        if state is not None or x.dim() != SEQUENCE or x.numel() == 0:
            return None
        return (x,) if self._kind(x) == "bf16" else None

    def __call__(self, layer, x):
        """Run over x (batch, frames, in); gives ((batch, frames, size), (hidden, carried)), all in float32."""
        weights = self._weights()
        zeros = x.new_zeros(layer.num_layers, x.shape[0], layer.hidden_size, dtype=torch.bfloat16)
        shape = (True, layer.num_layers, 0.0, False, False, True)
        y, hidden, carried = torch._VF.lstm(x.bfloat16(), (zeros, zeros), weights, *shape)
        return y.float(), (hidden.float(), carried.float())

    def _weights(self):
        parameters = self.layer._flat_weights
        if self.half is None or not self.half[0].holds(parameters):
            made = [one.detach().bfloat16() for one in parameters]
            self.half = (Stamp(parameters), made)
        return self.half[1]

    def _kind(self, x):
        batch = rounded(x.shape[0])
        if batch not in self.taken:
            layer, base = self.layer, type(self.layer)._ttsopt_base
            like = x.new_zeros(batch, PROBE, x.shape[2])

            def make(kind):
                if kind == "float32":
                    return lambda: lambda: base.forward(layer, like)
                return lambda: lambda: self(layer, like)

            what = ("lstm", *like.shape, layer.hidden_size, layer.num_layers)
            with torch.no_grad():
                taken = quickest(what, [(kind, make(kind)) for kind in self.kinds])
            self.taken[batch] = taken
        return self.taken[batch]
