"""BigVGAN's activations on a CPU in one pass over memory, at float32's precision.

`fuse_snakes(vocoder)` is called once behind the loading of a vocoder. Its activations stretch a signal to twice
its rate by a filter of 12 taps, add a sine squared, and filter it back: upstream does that in some eight passes
over memory, at twice the size, and with convolutions that have one filter for each channel. Here the signal is
cut into frames of FRAME samples, and each frame with what lies around it is multiplied by a matrix that holds
the first filter, then by one that holds the second: products, which a CPU does at its full rate, and few enough
frames at a time that what lies between them stays in its cache. The sums are the same ones in another order. The
first and the last samples, where upstream repeats the edge, are upstream's own.

Which is quicker is measured once per number of channels (`ttsopt_kernels`). ttsopt_fused_modules.py says when
upstream's own forward is used instead. The activation's parameters are read at every call.

Memory: two matrices of 13 kB an activation. TTSOPT_FUSED_SNAKE=0 leaves everything as it is. Laid out by ttsopt;
needs Python 3.8, torch 2.1.
"""

# ruff: noqa: SLF001 - the class that a module had has no public name

import torch

if __package__:
    from .ttsopt_fused_modules import fuse
    from .ttsopt_kernels import quickest
    from .ttsopt_products import Stamp
else:
    from ttsopt_fused_modules import fuse
    from ttsopt_kernels import quickest
    from ttsopt_products import Stamp

KINDS = ("float32", "frames")
FRAME = 32  # samples
TAPS, RATIO = 12, 2
AROUND = 6  # samples of the input on each side of a frame, that its samples depend on
EDGE = 8  # samples at each end that depend on what upstream repeats there
AT_ONCE = 1 << 16  # numbers between the two products: a quarter of a megabyte
PROBE = 1 << 18  # samples of all channels to measure with
SIGNAL = 3  # dimensions: (batch, channels, samples)


def fuse_snakes(vocoder, kinds=KINDS):
    """Give the activations of a BigVGAN their quick forward; say on stderr what was done; return the vocoder.

    Vocoders of another kind, as GPT-SoVITS v4's, are left alone.
    """
    if any(type(one).__name__ == "Activation1d" for one in vocoder.modules()):
        fuse(vocoder, (Activation,), "fused-snake", kinds)
    return vocoder


class Activation:
    """The quick forward of one Activation1d: upsampling, Snake or SnakeBeta, downsampling."""

    is_residual = False

    @staticmethod
    def fits(module):
        """True if a module is of the kind that is known."""
        if type(module).__name__ != "Activation1d" or "forward" in vars(module):
            return False
        try:
            return _is_known(module)
        except (AttributeError, TypeError):
            return False

    def __init__(self, module, kinds):
        self.module, self.kinds = module, kinds
        self.made = None  # (stamp of the filters, the two matrices)
        self.taken = {}  # by channels of the batch

    def given(self, x):
        """Return what a call gives, for `__call__`; None where the signal is short, or upstream's own quicker."""
        if x.dim() != SIGNAL or x.shape[0] == 0 or x.shape[2] < 2 * FRAME:
            return None
        return (x,) if self._kind(x) == "frames" else None

    def __call__(self, module, x):
        """Run over x (batch, channels, samples), of two frames at least."""
        frequency, height = _parameters(module.act, x.shape[0])
        y = _in_frames(x.flatten(0, 1), frequency, height, self._matrices(module)).view(x.shape)
        shipped, near = type(module)._ttsopt_base.forward, 3 * EDGE
        y[..., :EDGE] = shipped(module, x[..., :near])[..., :EDGE]
        y[..., -EDGE:] = shipped(module, x[..., -near:])[..., -EDGE:]
        return y

    def _matrices(self, module):
        filters = module.upsample.filter, module.downsample.lowpass.filter
        if self.made is None or not self.made[0].holds(filters):
            self.made = (Stamp(filters), *_matrices(*(one.detach().flatten() for one in filters)))
        return self.made[1:]

    def _kind(self, x):
        channels = x.shape[0] * x.shape[1]
        if channels not in self.taken:
            samples = max(2 * FRAME, PROBE // channels)
            like = torch.linspace(-1.0, 1.0, x.shape[1] * samples).view(1, -1, samples)
            like = like.expand(x.shape[0], -1, -1)
            module, base = self.module, type(self.module)._ttsopt_base

            def make(kind):
                if kind == "float32":
                    return lambda: lambda: base.forward(module, like)
                return lambda: lambda: self(module, like)

            what = ("snake", *like.shape)
            with torch.no_grad():
                taken = quickest(what, [(kind, make(kind)) for kind in self.kinds])
            self.taken[channels] = taken
        return self.taken[channels]


def _is_known(module):
    up, down = module.upsample, module.downsample.lowpass
    return (
        type(module.act).__name__ in ("Snake", "SnakeBeta")
        and not hasattr(module, "fused")  # the kernel for CUDA
        and module.act.alpha.dim() == 1
        and (up.ratio, down.stride) == (RATIO, RATIO)
        and up.filter.shape == down.filter.shape == (1, 1, TAPS)
        and (up.pad, up.pad_left, up.pad_right) == (5, 15, 15)
        and (down.pad_left, down.pad_right, down.padding_mode) == (5, 6, "replicate")
    )


def _parameters(act, batch):
    """Return what a Snake multiplies by within and before its sine, each (batch x channels, 1, 1)."""
    frequency = act.alpha.detach()
    height = getattr(act, "beta", act.alpha).detach()
    if act.alpha_logscale:
        frequency, height = frequency.exp(), height.exp()
    height = 1.0 / (height + act.no_div_by_zero)
    return (one.repeat(batch).view(-1, 1, 1) for one in (frequency, height))


def _matrices(up, down):
    """Return the two filters (taps,) as matrices: a frame and what is around it to twice the rate, and back."""
    wide, high = FRAME + 2 * AROUND, RATIO * FRAME + TAPS
    into, back = torch.zeros(wide, high), torch.zeros(high, FRAME)
    for place in range(high):
        sample, odd = divmod(place - TAPS // 2, RATIO)
        for tap in range(TAPS // RATIO):
            into[sample + 2 + odd - tap + AROUND, place] = RATIO * up[RATIO * tap + 1 - odd]
    for sample in range(FRAME):
        back[RATIO * sample + 1 : RATIO * sample + 1 + TAPS, sample] = down
    return into, back


def _in_frames(x, frequency, height, matrices):
    """Run over x (channels, samples) without its edges; gives the same shape."""
    channels, samples = x.shape
    count = -(-samples // FRAME)
    width = count * FRAME + 2 * AROUND
    padded = x.new_zeros(channels, width)
    padded[:, AROUND : AROUND + samples] = x
    made = x.new_empty(channels, count, FRAME)
    most = max(1, AT_ONCE // matrices[1].shape[0])  # frames
    some = max(1, most // count)  # channels
    room = x.new_empty(2, min(most, some * count), matrices[1].shape[0])
    for first in range(0, channels, some):
        part = slice(first, first + some)
        for begin in range(0, count, most):
            frames = min(most, count - begin)
            some_of = padded[part]
            shape = (some_of.shape[0], frames, FRAME + 2 * AROUND)
            given = some_of.as_strided(
                shape, (width, FRAME, 1), some_of.storage_offset() + begin * FRAME
            )
            # Of several channels all frames, or some frames of one: side by side in memory.
            out = made[part, begin : begin + frames].view(-1, FRAME)
            _through(given, frequency[part], height[part], matrices, room, out)
    return made.view(channels, -1)[:, :samples]


def _through(given, frequency, height, matrices, room, out):
    """Stretch, activate and shrink frames (channels, frames, size) into `out`; `room` is for what lies between."""
    channels, frames, size = given.shape
    z, t = (one[: channels * frames] for one in room)
    torch.mm(given.reshape(-1, size), matrices[0], out=z)
    z, t = (one.view(channels, frames, -1) for one in (z, t))
    z.addcmul_(torch.mul(z, frequency, out=t).sin_().square_(), height)
    torch.mm(z.view(channels * frames, -1), matrices[1], out=out)
