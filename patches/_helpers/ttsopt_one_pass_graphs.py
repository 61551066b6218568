"""Run all layers of the streaming paraformer over all windows of a recording as one CUDA graph.

`graph_layers(model)` is called in the constructor of the model that ttsopt_one_pass.py encodes. Its encoder
then has another way through its layers, which that file asks for: the windows of a recording are filled up to a
number of WINDOWS, and the fifty layers, some twenty operations each, are a function of fixed shapes, captured
once for each such number and replayed for all later recordings of that size (ttsopt_graphs.py). No window sees
one behind it, so that those that fill up change nothing.

What goes on from an earlier call of a session goes layer by layer as before, and so does everything on a CPU,
with gradients, under autocast, and where nothing is captured. The first recording is taken both ways and
compared; where they differ by more than rounding, nothing is captured at all, which is said.
TTSOPT_CUDA_GRAPHS=0 leaves everything as it is. Laid out by ttsopt; needs Python 3.8, torch 2.1.

Shapes: as in ttsopt_one_pass.py: N windows, W rows in a window, H heads, K values of a head.
"""

import torch

if __package__:
    from .ttsopt_graphs import CudaDevice, Graphs, is_as_shipped, may_replay, with_methods
    from .ttsopt_one_pass import layers_of, through_layer, through_layers
else:
    from ttsopt_graphs import CudaDevice, Graphs, is_as_shipped, may_replay, with_methods
    from ttsopt_one_pass import layers_of, through_layer, through_layers

WHAT = "cuda-graph of the paraformer's layers"
WINDOWS = (8, 16, 32, 64, 128)  # the last is the most that ttsopt_one_pass.py takes at once
_PLACE = "_ttsopt_graphs"


def graph_layers(model, device=None):
    """Have the layers of a model's encoder replayed on a GPU; return the model."""
    encoder = getattr(model, "encoder", None)
    if type(encoder).__name__ == "SANMEncoderChunkOpt" and _PLACE not in vars(encoder):
        vars(encoder)[_PLACE] = _Replays(encoder, device or CudaDevice())
        encoder.__class__ = with_methods(type(encoder), _PLACE, _by_replays)
    return model


def _by_replays(_base):
    def through(self, x, kept, windows):
        replays = vars(self).get(_PLACE)
        if replays is None or windows.past or kept[0] is not None or not replays.may_take(x):
            return through_layers(self, x, kept, windows)
        return replays(self, x, kept, windows)

    return {"ttsopt_through": through}


class _Replays:
    """The graphs of one encoder, by the sizes of its windows."""

    def __init__(self, encoder, device):
        self.encoder, self.device = encoder, device
        self.graphs = {}
        self.is_trusted = None  # None until a recording was compared

    def may_take(self, x):
        """True where windows may be replayed."""
        known = self.is_trusted is not False and may_replay() and self.device.is_for(x)
        return known and len(x) <= WINDOWS[-1]

    def __call__(self, encoder, x, kept, windows):
        """Return what `through_layers(encoder, x, kept, windows)` gives."""
        made = self._taken(x, windows)
        if self.is_trusted is not None:
            return made
        wanted = through_layers(encoder, x, kept, windows)
        pairs = ((made[0], wanted[0]), (made[1][-1]["k"], wanted[1][-1]["k"]))
        self.is_trusted = all(is_as_shipped(one, other, WHAT) for one, other in pairs)
        return wanted

    def _taken(self, x, windows):
        sizes = (windows.new, windows.carried, windows.seen)
        if sizes not in self.graphs:
            self.graphs[sizes] = Graphs(
                lambda *given: _run(self.encoder, sizes, *given),
                self.device,
                self.encoder.parameters,
                WHAT,
            )
        number = next(one for one in WINDOWS if one >= len(x))
        own_rows, missing = windows.own_rows(x), number - len(x)
        own_rows = x.new_ones(len(x), windows.width, 1) if own_rows is None else own_rows
        filled = [
            torch.nn.functional.pad(one, (0, 0) * (one.dim() - 1) + (0, missing))
            for one in (x, own_rows, windows.penalty(x))
        ]
        last = torch.arange(windows.rows, windows.rows + windows.seen, device=x.device)
        return self._parted(self.graphs[sizes](*filled, last), x, number, windows)

    def _parted(self, made, x, number, windows):
        """(N, new, out) and what each layer keeps, of what `_run` gives."""
        layers = layers_of(self.encoder)
        attention = layers[0].self_attn
        width = layers[-1].size
        rows, kept = made.split(
            (number * windows.new * width, made.numel() - number * windows.new * width)
        )
        kept = kept.view(len(layers), 2, 1, attention.h, windows.seen, attention.d_k)
        kept = kept[:, :, :, :, -min(windows.rows, windows.seen) :]
        rows = rows.view(number, windows.new, width)[: len(x)]
        return rows, [{"k": one[0].clone(), "v": one[1].clone()} for one in kept]


def _run(encoder, sizes, x, own_rows, penalty, last):
    """All layers over windows (N, W, in): rows (N, new, out), keys and values that are kept, behind each other."""
    windows, kept = _Windows(sizes, len(x), last), []
    for layer in layers_of(encoder):
        x, new = through_layer(layer, x, None, windows, own_rows, penalty)
        kept += [new["k"], new["v"]]
    rows = encoder.after_norm(x[:, windows.carried :])
    return torch.cat((rows.flatten(), torch.stack(kept).flatten()))


class _Windows:
    """Places of windows over the rows of a recording that begins, for a number of windows that is fixed.

    `last` are the places of the rows that are kept, counted from the rows that are not there before the first.
    """

    def __init__(self, sizes, number, last):
        self.new, self.carried, self.seen = sizes
        self.number, self.last = number, last

    def with_past(self, own, _kept):
        """Keys or values (N, H, W, K) -> those that each window attends to, and those for the next call."""
        heads, depth = own.shape[1], own.shape[3]
        first = own[:, :, : self.new].transpose(0, 1).reshape(heads, -1, depth)
        rows = torch.cat([own.new_zeros(heads, self.seen, depth), first], dim=1)
        seen = rows.unfold(1, self.seen, self.new)[:, : self.number].permute(1, 0, 3, 2)
        return torch.cat([seen, own], dim=2), rows.index_select(1, self.last)[None]
