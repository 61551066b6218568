"""Products with the fixed weight of a layer, in every kind that torch computes on a CPU.

    float32   as shipped
    packed    float32 in oneDNN's own layout (relative error 1e-6)
    int16     weight and input in 16 bits, as two digits of 8 bits (1e-4)
    bf16      weight and input in bfloat16, sums in float32 (3e-3)
    int8w     weight in 8 bits per output channel, input in bfloat16 (9e-3); made for a few rows
    int8      weight in 8 bits per output channel, input in 8 bits per call (2e-2)

A caller names the kinds that its patch may use; `ttsopt_kernels` measures which of them is the quickest, by
shape and rows. Laid out by ttsopt; needs Python 3.8, torch 2.1.
"""

# ruff: noqa: SLF001 - torch's own products and the version of a tensor have no public names

import warnings

import torch

if __package__:
    from .ttsopt_digits import product_in_digits
    from .ttsopt_kernels import quickest
else:
    from ttsopt_digits import product_in_digits
    from ttsopt_kernels import quickest

functional = torch.nn.functional
MOST_ROWS = 512  # products of more rows go at the same rate
INT8_MOST = 127.0
HALF_INPUT = frozenset({"bf16", "int8w"})
SAMPLES = 8
MOST_COPIES = 4  # of a weight, to measure with
MOST_BYTES = 1 << 26  # of all of them
# By class: True for those that keep their weight the other way round, as (in, out).
_LAYERS = {
    ("torch.nn.modules.linear", "Linear"): False,
    ("diffusers.models.lora", "LoRACompatibleLinear"): False,
    ("transformers.pytorch_utils", "Conv1D"): True,
    ("transformers.modeling_utils", "Conv1D"): True,
}

_vnni = []


def is_linear(layer):
    """True for a module that is a product with its weight and nothing more: nn.Linear, and what others call so."""
    kind = type(layer)
    if (kind.__module__, kind.__qualname__) not in _LAYERS or "forward" in vars(layer):
        return False
    if hasattr(kind, "_ttsopt_base"):  # a helper has given it a forward
        return False
    return getattr(layer, "lora_layer", None) is None


def product_of(layers, kinds, activation=None):
    """Return the `Product` of layers that are linear and share their input, one behind the other."""
    kind = type(layers[0])
    turned = _LAYERS[kind.__module__, kind.__qualname__]
    weights, biases = [one.weight for one in layers], [one.bias for one in layers]
    return Product(weights, biases, kinds, activation, turned)


def rounded(rows):
    """Return the number of rows that products of `rows` rows are measured with: a power of two."""
    return min(MOST_ROWS, 1 << max(0, rows - 1).bit_length())


def multiplier(kind, weight, bias=None, activation=None):
    """Return a function of x (..., in), in float32 or bfloat16, that gives x times `weight` (out, in) plus `bias`.

    Results are bfloat16 for `bf16` and `int8w`, float32 for the others. Both are copied, except that `float32`
    (and `int16`, for inputs that are not finite) keeps them as they are. `activation` of the result, inside the
    product where that can be: "relu", or for a GELU "tanh" or "none", as torch names its approximations.
    """
    return _MULTIPLIERS[kind](weight.detach(), None if bias is None else bias.detach(), activation)


def _then(activation, y):
    if activation is None:
        return y
    return y.relu_() if activation == "relu" else functional.gelu(y, approximate=activation)


def _pointwise(activation):
    """The same, as oneDNN's products take it."""
    if activation is None or activation == "relu":
        return activation or "none", [], ""
    return "gelu", [], activation


def _float32(weight, bias, activation):
    def multiply(x):
        return _then(activation, functional.linear(x.float(), weight, bias))

    return multiply


def _packed(weight, bias, activation):
    packed = torch.ops.mkldnn._reorder_linear_weight(weight.contiguous(), None)
    after = _pointwise(activation)

    def multiply(x):
        return torch.ops.mkldnn._linear_pointwise(x.float(), packed, bias, *after)

    return multiply


def _bf16(weight, bias, activation):
    packed = torch.ops.mkldnn._reorder_linear_weight(weight.bfloat16().contiguous(), None)
    added = None if bias is None else bias.bfloat16()
    after = _pointwise(activation)

    def multiply(x):
        return torch.ops.mkldnn._linear_pointwise(x.bfloat16(), packed, added, *after)

    return multiply


def _int8w(weight, bias, activation):
    scale = _scale(weight)
    small = (
        (weight / scale[:, None]).round().clamp(-INT8_MOST, INT8_MOST).to(torch.int8).contiguous()
    )
    scales = scale.bfloat16()
    added = None if bias is None else bias.bfloat16()

    def multiply(x):
        flat = x.reshape(-1, x.shape[-1]).bfloat16().contiguous()
        y = torch.ops.aten._weight_int8pack_mm(flat, small, scales)
        y = y.reshape(*x.shape[:-1], small.shape[0])
        return _then(activation, y if added is None else y + added)

    return multiply


def _int8(weight, bias, activation):
    zeros = torch.zeros(weight.shape[0], dtype=torch.int64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # newer ones say that quantised tensors will go
        small = torch.quantize_per_channel(weight, _scale(weight).double(), zeros, 0, torch.qint8)
    packed = torch.ops.quantized.linear_prepack(small, bias)

    def multiply(x):
        # Without VNNI a bit of the range is spared, so that no sum of two overflows.
        y = torch.ops.quantized.linear_dynamic(x.float(), packed, not _has_vnni())
        return _then(activation, y)

    return multiply


def _int16(weight, bias, activation):
    multiply = product_in_digits(weight, bias, relu=activation == "relu")
    if activation is None or activation == "relu":
        return multiply
    return lambda x: _then(activation, multiply(x))


def _scale(weight):
    return weight.abs().amax(1).clamp(min=1e-12) / INT8_MOST


_MULTIPLIERS = {
    "float32": _float32,
    "packed": _packed,
    "int16": _int16,
    "bf16": _bf16,
    "int8w": _int8w,
    "int8": _int8,
}


def _has_vnni():
    if not _vnni:
        cpu = getattr(torch, "cpu", None)
        asked = getattr(cpu, "_is_vnni_supported", None) or getattr(
            cpu, "_is_avx512_vnni_supported", None
        )
        _vnni.append(bool(asked and asked()))
    return _vnni[0]


def kind_for(weight, bias, rows, kinds):
    """Return which of `kinds` multiplies `rows` rows quickest by a cold weight (out, in) of this shape.

    Several weights are multiplied by in turn: as in a model, each is cold, but not the input and the code.
    """
    rows = rounded(rows)
    copies = max(1, min(MOST_COPIES, MOST_BYTES // (weight.numel() * weight.element_size())))

    def make(kind):
        def made():
            multiply = [multiplier(kind, weight.clone(), bias) for _ in range(copies)]
            # Not random: the generator is the caller's.
            x = torch.linspace(-1.0, 1.0, rows * weight.shape[1]).view(rows, -1)
            x = x.bfloat16() if kind in HALF_INPUT else x
            return lambda: [one(x) for one in multiply]

        return made

    shape = (rows, weight.shape[1], weight.shape[0], "bias" if bias is not None else "")
    # With what it was chosen among: another patch may take more kinds than the one that measured first.
    what = ("linear", *shape, ",".join(kinds))
    with torch.no_grad():
        return quickest(what, [(kind, make(kind)) for kind in kinds])


class Product:
    """The product with a layer's weight: chosen by rows, packed at first use, and anew where the weight changed.

    Args:
        weights: Parameters (out, in), stacked along their outputs: three that share an input become one product.
        biases: As many; None where a layer has none.
        kinds: What may be taken, the first of them where nothing wins.
        activation: As for `multiplier`.
        turned: True if the weights are (in, out), as transformers' Conv1D has them.
    """

    def __init__(self, weights, biases, kinds, activation=None, turned=False):
        self.weights, self.biases = tuple(weights), tuple(biases)
        self.turned = turned
        self.kinds, self.activation = tuple(kinds), activation
        self._multipliers = {}  # by kind
        self._kinds = {}  # by rows, as `kind_for` rounds them
        self._seen = None

    def __call__(self, x):
        """Multiply x (..., in); the type of the result is that of the kind that was taken."""
        rows = x.numel() // x.shape[-1]
        return self._multiplier(self.kind(rows))(x)

    def kind(self, rows):
        """Return the kind that is taken for so many rows."""
        bucket = rounded(rows)
        if bucket not in self._kinds:
            weight, bias = self._joined()
            self._kinds[bucket] = kind_for(weight, bias, bucket, self.kinds)
        return self._kinds[bucket]

    def is_plain(self, rows):
        """True if float32 is known to be the quickest for so many rows: then a layer's own forward is as good."""
        return self._kinds.get(rounded(rows)) == "float32"

    def renew(self):
        """Forget the copies where a weight or bias is not the one any more that they were made of."""
        if self._seen is not None and not self._seen.holds(self.weights + self.biases):
            self._multipliers, self._seen = {}, None

    def _multiplier(self, kind):
        known = self._multipliers.get(kind)
        if known is None:
            seen = Stamp(self.weights + self.biases)
            known = multiplier(kind, *self._joined(), activation=self.activation)
            if self._seen is None or not self._multipliers:
                self._seen = seen
            self._multipliers = dict(self._multipliers, **{kind: known})
        return known

    def _joined(self):
        with torch.no_grad():
            weights = [one.detach().t() if self.turned else one.detach() for one in self.weights]
            if len(weights) == 1:
                return weights[0], self._bias(0)
            biases = [self._bias(number) for number in range(len(self.weights))]
            if all(bias is None for bias in biases):
                return torch.cat(weights), None
            filled = [
                torch.zeros(weight.shape[0]) if bias is None else bias
                for weight, bias in zip(weights, biases)
            ]
            return torch.cat(weights), torch.cat(filled)

    def _bias(self, number):
        bias = self.biases[number]
        return None if bias is None else bias.detach()


class Stamp:
    """Tell whether tensors are still as they were: by address, version, and a few values (`.data` counts none)."""

    def __init__(self, tensors):
        self._marks = [_mark(tensor) for tensor in tensors if tensor is not None]

    def holds(self, tensors):
        """True if these are the same tensors with the same values, as far as can be told in microseconds."""
        there = [tensor for tensor in tensors if tensor is not None]
        return len(there) == len(self._marks) and all(
            _is_marked(tensor, mark) for tensor, mark in zip(there, self._marks)
        )


def _mark(tensor):
    values = _samples(tensor)
    return tensor.data_ptr(), _version(tensor), values.clone()


def _is_marked(tensor, mark):
    address, version, were = mark
    if address != tensor.data_ptr() or version != _version(tensor):
        return False
    return torch.equal(_samples(tensor), were)


def _samples(tensor):
    flat = (
        tensor.detach().view(-1) if tensor.is_contiguous() else tensor.detach().flatten()[:SAMPLES]
    )
    return flat[:: max(1, flat.numel() // SAMPLES)]


def _version(tensor):
    return None if tensor.is_inference() else tensor._version
