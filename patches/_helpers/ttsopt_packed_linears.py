"""Multiply by the float32 weights of nn.Linear on a CPU in the layout that oneDNN computes with fastest.

`pack_linears(module, ...)` is called once behind the loading of a model. On a GPU, and for other types than
float32, it does nothing. Of the plain nn.Linear layers of the modules (transformers' Conv1D is one, and diffusers'
LoRACompatibleLinear without LoRA) it measures once per shape whether the packed product wins on this processor,
with the threads of now. Those that win become a subclass of their class, which keeps a packed copy of the weight
beside the weight: made at the first call with enough rows, as large as the weight. Results differ by float32
rounding.

The parameters stay as they are, and so do state_dict, hooks, and what copy.deepcopy, pickle and torch.save make of
a module (plain layers, not packed). Each call looks whether the weight is still the one that was packed (object,
address, version, and a few of its values); a changed one is packed anew once it has held still for two calls.
Whatever the copy is not for goes through the layer's own forward: gradients, autocast, tracing, scripting and
compiling, other types and devices, few rows. quantize_dynamic asks for exact classes: quantise first, or call
`unpack_linears(module, ...)`.

TTSOPT_PACKED_LINEARS, read as a model is packed: 0 (off, no, false) leaves everything as it is; 1 (on, yes, true)
packs without measuring. Laid out by ttsopt beside the file that uses it; needs Python 3.8 and torch.
"""

# ruff: noqa: SLF001 - the parameters of a layer, oneDNN's own products and torch's modes have no public names

import copyreg
import os
import sys
import time

import torch

SWITCH = "TTSOPT_PACKED_LINEARS"
_OFF = {"0", "off", "no", "false"}
_ON = {"1", "on", "yes", "true"}
_PLACE = "_ttsopt_packed"
_CONV1D = {("transformers.pytorch_utils", "Conv1D"), ("transformers.modeling_utils", "Conv1D")}
_LINEAR = {("torch.nn.modules.linear", "Linear"), ("diffusers.models.lora", "LoRACompatibleLinear")}

# Products of less work gain little or nothing: the call itself costs some microseconds.
LEAST_WORK = 1 << 22
# A weight of 3 MB or more, in models of 32 MB or more, is in no cache when its turn comes: there it
# is worth it for few rows too, and for one.
LARGE = 3 << 18
LARGE_MODEL = 1 << 23
WINS = 1.15  # how much quicker it must be where it is measured
MOST_WORK = 1 << 28  # of one product that is measured
MOST_WEIGHTS = 1 << 23  # of one layer that is measured
TOLERANCE = 1e-4  # of the largest result; float32 rounding stays far below
REPEATS = 5
SAMPLES = 8
MATRIX = 2

__ttsopt_fallbacks__ = []
_classes = {}


def pack_linears(*modules):
    """Pack what wins in these modules; say on stderr what was done; return the first module."""
    wish = os.environ.get(SWITCH, "").strip().lower()
    groups = {} if wish in _OFF else _groups(modules)
    if groups and _available():
        taken = _taken(groups, wish in _ON)
        for shape, least in taken.items():
            for layer in groups[shape]:
                _take(layer, least)
        _report(groups, taken, wish in _ON)
    return modules[0] if modules else None


def unpack_linears(*modules):
    """Make all layers of these modules what they were."""
    for layer in _layers(modules):
        if _PLACE in vars(layer):
            del layer.__dict__[_PLACE]
            layer.__class__ = type(layer)._ttsopt_base


# ---- which layers ----


def _layers(modules):
    seen = {id(one): one for module in modules for one in _tree(module)}
    return seen.values()


def _tree(module):
    # A scripted module holds no layers of Python; what is no module (a session, None) holds none at all.
    if isinstance(module, torch.nn.Module) and not isinstance(module, torch.jit.ScriptModule):
        yield module
        for child in module.children():
            yield from _tree(child)


def _groups(modules):
    """Layers by (class, inputs, outputs, with a bias)."""
    groups = {}
    for layer in _layers(modules):
        if _is_plain(layer):
            weight = _matrix(type(layer), layer._parameters["weight"])
            bias = layer._parameters.get("bias") is not None
            shape = (type(layer), weight.shape[1], weight.shape[0], bias)
            groups.setdefault(shape, []).append(layer)
    return groups


def _is_plain(layer):
    """Of the exact class, its weight a float32 parameter in memory, its forward the class's own."""
    kind = type(layer)
    if _name(kind) not in _LINEAR | _CONV1D or hasattr(kind, "_ttsopt_base") or _has_lora(layer):
        return False  # another class, or one that a helper has given a forward
    weight, bias = layer._parameters.get("weight"), layer._parameters.get("bias")
    if weight is None or "forward" in vars(layer):
        return False
    return _is_usual(weight) and weight.dim() == MATRIX and (bias is None or _is_usual(bias))


def _is_usual(tensor):
    kinds = (torch.Tensor, torch.nn.Parameter)
    if type(tensor) not in kinds or not tensor.is_cpu or tensor.dtype is not torch.float32:
        return False
    return tensor.layout is torch.strided and tensor.numel() > 0


def _matrix(kind, weight):
    """The weight as (outputs, inputs), as nn.Linear has it; Conv1D has it the other way round."""
    weight = weight.detach()
    return weight.t() if _name(kind) in _CONV1D else weight


def _has_lora(layer):
    return getattr(layer, "lora_layer", None) is not None


def _name(kind):
    return kind.__module__, kind.__qualname__


# ---- whether it wins ----


def _taken(groups, unmeasured):
    """Shapes that are to be packed, with the rows from which on."""
    large = sum(one[1] * one[2] * len(layers) for one, layers in groups.items()) >= LARGE_MODEL
    taken = {}
    for shape, layers in groups.items():
        least = _least_rows(shape, large)
        wins = least if unmeasured else _measured(shape, layers, least)
        if wins is not None:
            taken[shape] = wins
    return taken


def _available():
    if not torch.backends.mkldnn.is_available():
        return _fell_back("this torch has no oneDNN")
    try:
        with torch.no_grad():
            _multiply(torch.ones(2, 4), _packed(torch.ones(3, 4)), None)
    except (AttributeError, NotImplementedError, RuntimeError, TypeError) as error:
        return _fell_back(str(error).split("\n")[0])
    return True


def _fell_back(reason):
    said = "packed-linears: %s: the layers stay as they are" % (reason,)
    if said not in __ttsopt_fallbacks__:
        __ttsopt_fallbacks__.append(said)
        sys.stderr.write("ttsopt: %s\n" % (said,))
    return False


def _packed(matrix):
    return torch.ops.mkldnn._reorder_linear_weight(matrix.contiguous(), None)


def _multiply(x, packed, bias):
    return torch.ops.mkldnn._linear_pointwise(x, packed, bias, "none", [], "")


def _least_rows(shape, large):
    weights = shape[1] * shape[2]
    return 1 if large and weights >= LARGE else max(2, -(-LEAST_WORK // weights))


def _measured(shape, layers, least):
    """From how many rows on it wins, at each number of rows that is tried; None: not at all.

    One row is not tried, it goes with two: here, unlike in use, the weight would be in the cache.
    """
    most = max(least, MOST_WORK // (shape[1] * shape[2]))
    tried = sorted({max(2, min(most, max(least, rows))) for rows in (2, 16, 64)}, reverse=True)
    pairs = _pairs(shape, layers)
    wins = None
    with torch.no_grad():
        for rows in tried:
            if not _wins(pairs, rows):
                break
            wins = rows
    return least if wins == tried[-1] else wins


def _pairs(shape, layers):
    """Weights of two layers of this shape, plain and packed."""
    kind, width, _, _ = shape
    pairs = []
    for layer in layers[:2]:
        matrix = _matrix(kind, layer._parameters["weight"])[: max(1, MOST_WEIGHTS // width)]
        pairs.append((matrix, _packed(matrix)))
    return pairs


def _wins(pairs, rows):
    width = pairs[0][0].shape[1]
    # Not random: the generator is the caller's.
    x = torch.linspace(-1.0, 1.0, rows * width).view(rows, width)
    for matrix, packed in pairs:
        if not _agree(torch.nn.functional.linear(x, matrix), _multiply(x, packed, None)):
            return False
    # On one thread by its own time, which other processes do not count in.
    clock = time.thread_time if torch.get_num_threads() == 1 else time.perf_counter
    plain = quick = float("inf")
    for _ in range(REPEATS):
        began = clock()
        for matrix, _packed_one in pairs:
            torch.nn.functional.linear(x, matrix)
        between = clock()
        for _matrix_one, packed in pairs:
            _multiply(x, packed, None)
        plain, quick = min(plain, between - began), min(quick, clock() - between)
    return plain > WINS * quick


def _agree(one, other):
    return bool((one - other).abs().max() <= TOLERANCE * one.abs().max())


def _report(groups, taken, unmeasured):
    layers = sum(len(groups[shape]) for shape in taken)
    more = sum(4 * shape[1] * shape[2] * len(groups[shape]) for shape in taken) / 1e6
    how = "not measured" if unmeasured else "those that are faster so here"
    said = "%d of %d linear layers" % (layers, sum(map(len, groups.values())))
    if layers:
        said += " (%s), with up to %.1f MB more memory as they are used" % (how, more)
    sys.stderr.write("ttsopt: packed-linears: %s; %s=0 turns it off\n" % (said, SWITCH))


# ---- a packed layer ----


class _Copy:
    """The packed copy of one layer's weight, and what tells whether it is still that weight's."""

    __slots__ = ("least", "packed", "seen")

    def __init__(self, least):
        self.least = least
        self.packed = None
        self.seen = None  # the stamp of the weight as it was packed, or as a change was first seen

    def of(self, kind, weight):
        """The packed weight; None where it has only just changed, or is none that can be packed."""
        seen, packed = self.seen, self.packed  # another thread may change both
        still = seen is not None and _still(seen, weight)
        if still and packed is not None:
            return packed
        if not _is_usual(weight):
            return None
        if seen is not None and not still:
            self.packed, self.seen = None, _stamp(weight)
            return None
        return self._pack(kind, weight)

    def _pack(self, kind, weight):
        stamp = _stamp(weight)
        with torch.no_grad():
            packed = _packed(_matrix(kind, weight))
        if not _still(stamp, weight):  # changed meanwhile by another thread
            return None
        self.packed, self.seen = None, stamp
        self.packed = packed
        return packed


def _stamp(weight):
    """Object, address, version, some of the values, and what they were."""
    rows, columns = weight.shape
    values = weight.detach()[:: max(1, rows // SAMPLES), columns // 2]
    return (weight, weight.data_ptr(), _version(weight), values, values.clone())


def _still(stamp, weight):
    """By its version; and by some of its values, for what is written through `.data` counts no version."""
    known, address, version, values, were = stamp
    return (
        known is weight
        and address == weight.data_ptr()
        and version == _version(weight)
        and torch.equal(values, were)
    )


def _version(weight):
    return None if weight.is_inference() else weight._version


def _take(layer, least):
    kind = type(layer)
    if kind not in _classes:
        _classes[kind] = _packed_class(kind)
    layer.__class__ = _classes[kind]
    layer.__dict__[_PLACE] = _Copy(least)


def _packed_class(base):
    class Packed(base):
        _ttsopt_base = base

        def forward(self, x, *more):
            if _is_compiling():
                return base.forward(self, x, *more)
            made = _product(self, base, x)
            return base.forward(self, x, *more) if made is None else made

        def _apply(self, *args, **kwargs):  # to another device or type: give the copy's memory back
            _renew(self)
            return super()._apply(*args, **kwargs)

        def _get_name(self):
            return base.__name__

        def __reduce_ex__(self, protocol):
            return (copyreg._reconstructor, (base, object, None), _plain_state(self))

        def __prepare_scriptable__(self):
            twin = base.__new__(base)
            twin.__dict__.update(_plain_state(self))
            return twin

    Packed.__name__ = Packed.__qualname__ = "Packed" + base.__name__
    return Packed


def _renew(layer):
    held = vars(layer).get(_PLACE)
    if held is not None:
        layer.__dict__[_PLACE] = _Copy(held.least)


def _plain_state(layer):
    return {name: value for name, value in vars(layer).items() if name != _PLACE}


def _product(layer, kind, x):
    """The input times the packed weight; None where that is not for the copy to do."""
    held = layer.__dict__.get(_PLACE)
    weight, bias = layer._parameters.get("weight"), layer._parameters.get("bias")
    if held is None or weight is None or not _is_for_copy(x, held.least, weight, bias):
        return None
    if _has_lora(layer):  # added since
        return None
    if x.shape[-1] != weight.shape[0 if _name(kind) in _CONV1D else 1]:
        return None
    packed = held.of(kind, weight)
    return None if packed is None else _multiply(x, packed, bias)


def _is_for_copy(x, least, weight, bias):
    if type(x) is not torch.Tensor or not x.is_cpu or x.dtype is not torch.float32:
        return False
    if x.dim() < MATRIX or x.layout is not torch.strided:
        return False
    if x.numel() < least * max(1, x.shape[-1]):
        return False
    if bias is not None and not (bias.is_cpu and bias.dtype is torch.float32):
        return False
    if torch.is_grad_enabled() and (x.requires_grad or weight.requires_grad or _requires(bias)):
        return False
    return not (_is_autocast() or _is_recorded())


def _requires(bias):
    return bias is not None and bias.requires_grad


def _is_autocast():
    try:
        return torch.is_autocast_enabled("cpu")
    except TypeError:  # before torch 2.4
        return torch.is_autocast_cpu_enabled()


def _is_recorded():
    """Tracing, or a mode that looks at every operation (counts, fakes): they know the usual ones."""
    return torch._C._get_tracing_state() is not None or torch._C._len_torch_dispatch_stack() > 0


def _is_compiling():
    compiler = getattr(torch, "compiler", None)
    asked = getattr(compiler, "is_compiling", None)
    return False if asked is None else asked()
