"""Run a HiFi-GAN generator on a CPU channels-last, in the quickest type, over pieces of a few fixed lengths.

`quicken_vocoders(module, ...)` is called once behind the loading of a model. The generators of the HiFi-GAN family
below the modules (conv_pre, ups, resblocks, conv_post; MockingBird's, the decoders of VITS, GPT-SoVITS v4's) keep
their code and parameters. Their convolutions run as convolutions of height one over channels-last memory, where a
CPU needs no rearranging between them, in float32 or bfloat16, whichever `ttsopt_kernels` measured as the quickest
with this generator; the last convolution, whose result is the wave, always in float32.

oneDNN compiles its kernels for every shape, and speech has a new length each time: a length that was not seen
before costs two to five times one that was. So a spectrogram is cut into overlapping pieces of LENGTH frames: of
one length, since a process pays for each of them once. Each piece has the generator's receptive field as
context, which is computed from its layers, and only what lies behind the context is used; the first and the last
piece have the true edges. The result is the whole's, but for rounding.

The first call compares a piece in the kind that is taken with upstream's own forward, and everything stays as it
was where the two differ by more than rounding. Gradients, training, autocast, tracing, other devices and types go
through upstream's forward too, and so do spectrograms shorter than a piece. Weights that were changed,
loaded anew or moved are noticed. state_dict, copies and pickles are as without it.

Memory: a copy of the generator's weights (bfloat16: half as much again). TTSOPT_VOCODER_PIECES=0 leaves
everything as it is. Laid out by ttsopt; needs Python 3.8, torch 2.1.
"""

# ruff: noqa: SLF001 - torch's modes and a module's parameters have no public names

import copyreg
import math
import os
import sys
import threading

import torch

if __package__:
    from .ttsopt_kernels import quickest
    from .ttsopt_products import Stamp
else:
    from ttsopt_kernels import quickest
    from ttsopt_products import Stamp

functional = torch.nn.functional
SWITCH = "TTSOPT_VOCODER_PIECES"
CLOSE = ("float32", "nhwc", "bf16")
LENGTH = 96  # of a piece, in frames
TOLERANCE = (
    0.05  # root mean square of the difference, of that of the wave; bfloat16 stays near 0.01
)
FILTERS = 6  # samples on each side that the two filters of BigVGAN's activations reach
SPECTROGRAM = 3  # dimensions: (batch, channels, frames)
_OFF = {"0", "off", "no", "false"}
_PLACE = "_ttsopt_pieces"
_CONVOLUTIONS = (torch.nn.Conv1d, torch.nn.ConvTranspose1d)

__ttsopt_fallbacks__ = []
_classes = {}
_of_call = threading.local()


def quicken_vocoders(*modules, kinds=CLOSE):
    """Give the HiFi-GAN generators below these modules their quick forward; return the first module."""
    if os.environ.get(SWITCH, "").strip().lower() not in _OFF:
        found = [one for module in modules for one in _below(module) if _is_generator(one)]
        for generator in found:
            _swap(generator, _Pieces(generator, kinds), _generator_class)
            for layer in _layers(generator):
                _swap(layer, _Convolution(), _layer_class)
        if found:
            said = "ttsopt: vocoder-pieces: %d generators; %s=0 turns it off\n" % (
                len(found),
                SWITCH,
            )
            sys.stderr.write(said)
    return modules[0] if modules else None


def _below(module):
    return module.modules() if isinstance(module, torch.nn.Module) else ()


def _is_generator(module):
    """True for a generator in float32 on a CPU whose receptive field can be computed."""
    parts = ("conv_pre", "ups", "resblocks", "conv_post", "num_kernels", "num_upsamples")
    if (
        not all(hasattr(module, part) for part in parts)
        or {"forward", _PLACE} & vars(module).keys()
    ):
        return False
    if len(module.resblocks) != module.num_kernels * module.num_upsamples:
        return False
    return all(_is_usual(one) for one in module.parameters()) and all(
        type(layer) in _CONVOLUTIONS and layer.padding_mode == "zeros" for layer in _layers(module)
    )


def _layers(module):
    return [one for one in module.modules() if isinstance(one, _CONVOLUTIONS)]


def _is_usual(tensor):
    return tensor.is_cpu and tensor.dtype is torch.float32 and tensor.layout is torch.strided


def _fell_back(reason):
    said = "vocoder-pieces: %s: the checkout's own is used" % (reason,)
    if said not in __ttsopt_fallbacks__:
        __ttsopt_fallbacks__.append(said)
        sys.stderr.write("ttsopt: %s\n" % (said,))


# ---- the receptive field ----


def receptive_field(generator):
    """Return the frames on each side of a frame that its samples depend on, rounded up."""
    rate, reach = 1.0, _reach(generator.conv_pre)
    for number, up in enumerate(generator.ups):
        reach += _reach(up) / rate
        rate *= _factor(up)
        blocks = generator.resblocks[number * generator.num_kernels :][: generator.num_kernels]
        reach += max(_reach(block) for block in blocks) / rate
    last = [getattr(generator, "activation_post", None), generator.conv_post]
    return math.ceil(reach + sum(_reach(one) for one in last if one is not None) / rate) + 1


def _reach(module):
    """The reach of a module's convolutions and filters, one behind the other, in samples of its input."""
    filtered = [one for one in _below(module) if hasattr(one, "downsample")]
    reach = float(FILTERS * len(filtered))
    for layer in _layers(module):
        size, dilation, stride = layer.kernel_size[0], layer.dilation[0], layer.stride[0]
        if isinstance(layer, torch.nn.ConvTranspose1d):
            reach += math.ceil(size * dilation / stride)
        else:
            reach += math.ceil((size - 1) * dilation / 2) / _interpolated(module)
    return reach


def _factor(up):
    layers = [one for one in _layers(up) if isinstance(one, torch.nn.ConvTranspose1d)]
    return layers[0].stride[0] if layers else _interpolated(up)


def _interpolated(module):
    """How much a block before a convolution stretches its input: MockingBird's at 24 kHz."""
    factors = [one.scale_factor for one in module.modules() if hasattr(one, "scale_factor")]
    return factors[0] if factors else 1


# ---- pieces ----


class _Pieces:
    """State that a generator has beside its parameters."""

    def __init__(self, generator, kinds):
        self.kinds = tuple(kinds)
        self.context = receptive_field(generator)
        self.taken = {}  # by batch: the kind
        # True if it agreed with upstream's own; pieces that are mostly context gain nothing.
        self.passed = None if 3 * self.context < LENGTH else False

    def kind(self, generator, base, given):
        """Return the quickest kind for a piece; `given` are the arguments of a call."""
        x, rest = given[0], given[1:]
        if x.shape[0] not in self.taken:
            piece = torch.zeros(*x.shape[:2], LENGTH)

            def make(kind):
                return lambda: lambda: _whole(generator, base, kind, piece, *rest)

            what = ("hifi-gan", _words(generator), *piece.shape[::2])
            self.taken[x.shape[0]] = quickest(what, [(kind, make(kind)) for kind in self.kinds])
        return self.taken[x.shape[0]]


def _words(generator):
    """Numbers that tell one generator's shape from another's."""
    weights = sum(one.numel() for one in generator.parameters())
    return "%d channels, %d weights" % (generator.conv_pre.in_channels, weights)


def spans(frames, length, context):
    """Yield (begin of a piece, first frame to use of it, first not to use), counted from the spectrogram's begin.

    Pieces have `length` frames; used frames have `context` frames of their piece on each side, or an edge.
    """
    used = 0
    while used < frames:
        begin = min(max(0, used - context), frames - length)
        end = frames if begin + length == frames else begin + length - context
        yield begin, used, end
        used = end


def _in_pieces(generator, base, kind, given):
    x, rest = given[0], given[1:]
    parts = []
    for begin, first, end in spans(x.shape[-1], LENGTH, generator.__dict__[_PLACE].context):
        wave = _whole(generator, base, kind, x[..., begin : begin + LENGTH], *rest)
        samples = wave.shape[-1] // LENGTH
        parts.append(wave[..., (first - begin) * samples : (end - begin) * samples])
    return torch.cat(parts, dim=-1)


def _whole(generator, base, kind, x, *rest):
    """Run the generator's own code with its convolutions in one kind."""
    if kind == "float32":
        return base.forward(generator, x, *rest)
    dtype = torch.bfloat16 if kind == "bf16" else torch.float32
    _of_call.dtype = dtype
    try:
        return base.forward(generator, x.to(dtype), *rest).float()
    finally:
        _of_call.dtype = None


# ---- a generator and a convolution with a quick forward ----


def _swap(module, quick, make):
    base = type(module)
    if base not in _classes:
        _classes[base] = made = make(base)
        # GPT-SoVITS asks for the name of its vocoder's class.
        made.__name__, made.__qualname__, made.__module__ = (
            base.__name__,
            base.__qualname__,
            base.__module__,
        )
        made.__reduce_ex__ = lambda self, _: (
            copyreg._reconstructor,
            (base, object, None),
            _plain(self),
        )
    module.__dict__[_PLACE] = quick
    module.__class__ = _classes[base]


def _plain(module):
    return {name: value for name, value in vars(module).items() if name != _PLACE}


def _generator_class(base):
    class Quick(base):
        def forward(self, *args, **kwargs):
            quick = vars(self).get(_PLACE)
            if quick is None or kwargs.keys() - {"g"} or not _is_for_us(self, quick, args):
                return base.forward(self, *args, **kwargs)
            given = (*args, *kwargs.values())
            kind = quick.kind(self, base, given)
            if kind == "float32" or not _agrees(self, base, kind, given):
                return base.forward(self, *args, **kwargs)
            return _in_pieces(self, base, kind, given)

    return Quick


def _layer_class(base):
    class Quick(base):
        def forward(self, x, *args):
            dtype = getattr(_of_call, "dtype", None)
            quick = vars(self).get(_PLACE)
            if dtype is None or quick is None or args:
                return base.forward(self, x, *args)
            return quick(self, x, torch.float32 if self.out_channels == 1 else dtype)

    return Quick


def _is_for_us(generator, quick, args):
    if generator.training or quick.passed is False or not args or _is_watched():
        return False
    x = args[0]
    if type(x) is not torch.Tensor or x.dim() != SPECTROGRAM or not _is_usual(x):
        return False
    if x.shape[-1] < LENGTH:
        return False
    first = next(generator.parameters())
    wanted = torch.is_grad_enabled() and (x.requires_grad or first.requires_grad)
    return _is_usual(first) and not wanted


def _is_watched():
    """True while autocast, tracing, compiling, or a mode that looks at every operation is on."""
    asked = getattr(getattr(torch, "compiler", None), "is_compiling", None)
    if asked is not None and asked():
        return True
    try:
        cast = torch.is_autocast_enabled("cpu")
    except TypeError:  # before torch 2.4
        cast = torch.is_autocast_cpu_enabled()
    tracing = torch._C._get_tracing_state() is not None
    return cast or tracing or torch._C._len_torch_dispatch_stack() > 0


def _agrees(generator, base, kind, given):
    """Compare a piece with upstream's own forward, once."""
    quick = vars(generator)[_PLACE]
    if quick.passed is None:
        quick.passed = _is_near(generator, base, kind, (given[0][..., :LENGTH], *given[1:]))
    return quick.passed


def _is_near(generator, base, kind, piece):
    expected = base.forward(generator, *piece)
    try:
        off = _size(_whole(generator, base, kind, *piece) - expected)
    except (AttributeError, NotImplementedError, RuntimeError, TypeError, ValueError) as error:
        _fell_back(str(error).split("\n")[0])
        return False
    is_whole = expected.shape[-1] % piece[0].shape[-1] == 0
    if not is_whole or off > TOLERANCE * _size(expected):
        _fell_back("the generator does not agree with it")
        return False
    return True


def _size(x):
    return float(x.square().mean().sqrt())


class _Convolution:
    """A convolution's weights, channels-last, in the type of the call."""

    def __init__(self):
        self._made = {}  # by type: (stamp, weight, bias)

    def __call__(self, layer, x, dtype):
        weight, bias = self._weights(layer, dtype)
        y = x.to(dtype).unsqueeze(2).contiguous(memory_format=torch.channels_last)
        stride, padding, dilation = (1, *layer.stride), (0, *layer.padding), (1, *layer.dilation)
        if isinstance(layer, torch.nn.ConvTranspose1d):
            more = (0, *layer.output_padding)
            y = functional.conv_transpose2d(
                y, weight, bias, stride, padding, more, layer.groups, dilation
            )
        else:
            y = functional.conv2d(y, weight, bias, stride, padding, dilation, layer.groups)
        return y.squeeze(2)

    def _weights(self, layer, dtype):
        parameters = tuple(layer.parameters())
        known = self._made.get(dtype)
        if known is None or not known[0].holds(parameters):
            weight = layer.weight.detach().to(dtype).unsqueeze(2)
            bias = None if layer.bias is None else layer.bias.detach().to(dtype)
            packed = weight.contiguous(memory_format=torch.channels_last)
            known = self._made[dtype] = (Stamp(parameters), packed, bias)
        return known[1:]
