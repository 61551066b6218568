"""Give modules of a model a quick forward of their own, on a CPU in float32, without a trace in them.

A part (`ttsopt_dit_block.Block` and others) is a class with:

    fits(module)               static: True for a module of the kind that it knows
    is_residual                True if its result is the input and something added
    part(module, kinds)        what it needs beside the module's parameters
    given(*args, **kwargs)     what a call gives, for `__call__`, input first; None where it is not for the part
    __call__(module, *given)   the quick forward; a tensor, or tuples of them as upstream's own gives

`fuse` puts parts into a model. The first module of each part compares itself with upstream's own forward on its
first input, and all of that part stay as they were where the two differ by more than rounding. Gradients,
training, autocast, tracing, compiling, other devices and types go through upstream's forward too. state_dict,
copies and pickles are as without it. Laid out by ttsopt; needs Python 3.8, torch 2.1.
"""

# ruff: noqa: SLF001 - torch's modes and a module's parameters have no public names

import copyreg
import os
import sys

import torch

CLOSE = ("float32", "packed", "bf16")
# Root mean square of the difference, as a share of what the module adds to its input. bfloat16 stays below
# 0.02; what is computed otherwise (other heads rotated, another order of the six parts) is at 0.3 and more.
TOLERANCE = 0.05
_OFF = {"0", "off", "no", "false"}
_PLACE = "_ttsopt_fused"

__ttsopt_fallbacks__ = []
_classes = {}


def fuse(model, parts, name, kinds=CLOSE):
    """Give the modules of `model` that `parts` know their quick forward; say on stderr what was done; return it.

    `name` is the patch's; TTSOPT_ and the name in capitals is the switch: 0 leaves everything as it is.
    """
    switch = "TTSOPT_" + name.upper().replace("-", "_")
    if os.environ.get(switch, "").strip().lower() in _OFF or not _is_on_cpu(model):
        return model
    found = [
        (part, module)
        for module in model.modules()
        for part in parts
        if _PLACE not in vars(module) and part.fits(module)
    ]
    trials = {part: _Trial(name) for part in parts}
    for part, module in found:
        module.__dict__[_PLACE] = (part(module, kinds), trials[part])
        module.__class__ = _class_of(type(module))
    if found:
        sys.stderr.write("ttsopt: %s: %d modules; %s=0 turns it off\n" % (name, len(found), switch))
    else:
        _fell_back(name, "no block of the kind that is known")
    return model


def _is_on_cpu(model):
    first = next(model.parameters(), None)
    return first is not None and _is_usual(first)


def _is_usual(tensor):
    return tensor.is_cpu and tensor.dtype is torch.float32 and tensor.layout is torch.strided


def _fell_back(name, reason):
    said = "%s: %s: the checkout's own is used" % (name, reason)
    if said not in __ttsopt_fallbacks__:
        __ttsopt_fallbacks__.append(said)
        sys.stderr.write("ttsopt: %s\n" % (said,))


class _Trial:
    """True if the first module of a part agreed with upstream's own forward; None before it was tried."""

    def __init__(self, name):
        self.name = name
        self.passed = None


# ---- a module with a quick forward ----


def _class_of(base):
    if base not in _classes:
        _classes[base] = _fused_class(base)
    return _classes[base]


def _fused_class(base):
    class Fused(base):
        _ttsopt_base = base

        def forward(self, *args, **kwargs):
            if _is_compiling():
                return base.forward(self, *args, **kwargs)
            quick, trial = vars(self).get(_PLACE, (None, None))
            given = None if quick is None or trial.passed is False else quick.given(*args, **kwargs)
            if given is None or not _is_for_us(self, given[0]):
                return base.forward(self, *args, **kwargs)
            if trial.passed is None:
                return _tried(self, quick, trial, given, base.forward(self, *args, **kwargs))
            return quick(self, *given)

        def __reduce_ex__(self, protocol):
            return (copyreg._reconstructor, (base, object, None), _plain_state(self))

    Fused.__name__, Fused.__qualname__, Fused.__module__ = (
        base.__name__,
        base.__qualname__,
        base.__module__,
    )
    return Fused


def _plain_state(module):
    own = getattr(module, "__getstate__", None)  # a recurrent layer leaves its weak references out
    state = vars(module) if own is None else own()
    return {name: value for name, value in state.items() if name != _PLACE}


def _is_for_us(module, x):
    if module.training or type(x) is not torch.Tensor or not _is_usual(x) or _is_watched():
        return False
    first = next(module.parameters())
    return _is_usual(first) and not (
        torch.is_grad_enabled() and (x.requires_grad or first.requires_grad)
    )


def _is_watched():
    """True while autocast, tracing, or a mode that looks at every operation is on."""
    try:
        cast = torch.is_autocast_enabled("cpu")
    except TypeError:  # before torch 2.4
        cast = torch.is_autocast_cpu_enabled()
    tracing = torch._C._get_tracing_state() is not None
    return cast or tracing or torch._C._len_torch_dispatch_stack() > 0


def _is_compiling():
    asked = getattr(getattr(torch, "compiler", None), "is_compiling", None)
    return False if asked is None else asked()


def _tried(module, quick, trial, given, expected):
    """Compare with upstream's own result, once; return that."""
    wanted = _tensors(expected)
    try:
        differences = [a - b for a, b in zip(_tensors(quick(module, *given), len(wanted)), wanted)]
    except (AttributeError, NotImplementedError, RuntimeError, TypeError, ValueError) as error:
        trial.passed = False
        _fell_back(trial.name, str(error).split("\n")[0])
        return expected
    added = [one - given[0] for one in wanted] if quick.is_residual else wanted
    trial.passed = all(_size(off) <= TOLERANCE * _size(one) for off, one in zip(differences, added))
    if not trial.passed:
        _fell_back(trial.name, "%s does not agree with it" % (type(module)._ttsopt_base.__name__,))
    return expected


def _tensors(result, count=None):
    """The tensors of a result, which may be tuples of tuples; ValueError where there are not `count` of them."""
    if isinstance(result, torch.Tensor):
        found = [result]
    else:
        found = [tensor for part in result for tensor in _tensors(part)]
    if count not in (None, len(found)):
        raise ValueError("it gives %d results, not %d" % (len(found), count))
    return found


def _size(x):
    return float(x.float().square().mean().sqrt())
