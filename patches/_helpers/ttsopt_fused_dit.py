"""Run a DiT on a CPU with fewer passes over memory, and in the types that this processor is quickest in.

`fuse_dit(model, kinds)` is called once behind the loading of a model. The blocks that F5-TTS calls DiTBlock
(adaptive layer norm of six parts, attention with rotary positions, feed-forward with GELU; CosyVoice 3 has the
same) and the convolutions that give positions keep their parameters and get a forward of their own;
ttsopt_dit_block.py has the arithmetic:

- queries, keys and values are one product; GELU is inside its product; weights lie in oneDNN's layout;
- rotary positions are one complex product with a table that all blocks of a call share;
- shift and scale are the weight and bias of the layer norm, where all rows of the batch are at one time step, and
  are kept per time step: upstream multiplies its largest weight (dim x 6 dim) in every block of every evaluation;
- a mask that hides nothing is left out;
- products, attention and convolutions run in the kind that `ttsopt_kernels` measured as the quickest of
  `kinds`; the residual, the norms and the sums stay in float32.

The first module of each kind compares itself with upstream's own forward on its first input, and all of them
stay as they were where the two differ by more than rounding. Gradients, training, autocast, tracing, compiling,
other devices and types, and masks of a shape that is not known go through upstream's forward too. Weights that
were changed, loaded anew or moved are noticed at the next call. state_dict, copies and pickles are as without it.

Memory: a copy of the blocks' weights in the kinds that are taken (bf16: half as much again), and a table of 24 dim
bytes a block and time step, for at most 64 steps. TTSOPT_FUSED_DIT=0 leaves everything as it is. Laid out by
ttsopt; needs Python 3.8, torch 2.1.
"""

# ruff: noqa: SLF001 - torch's modes and a module's parameters have no public names

import copyreg
import os
import sys

import torch

if __package__:
    from .ttsopt_dit_block import Block, Positions
else:
    from ttsopt_dit_block import Block, Positions

SWITCH = "TTSOPT_FUSED_DIT"
CLOSE = ("float32", "packed", "bf16")
# Root mean square of the difference, as a share of what the module adds to its input. bfloat16 stays below
# 0.02; what is computed otherwise (other heads rotated, another order of the six parts) is at 0.3 and more.
TOLERANCE = 0.05
_OFF = {"0", "off", "no", "false"}
_PLACE = "_ttsopt_fused"

__ttsopt_fallbacks__ = []
_classes = {}


def fuse_dit(model, kinds=CLOSE):
    """Give the blocks of `model` their quick forward; say on stderr what was done; return the model."""
    if os.environ.get(SWITCH, "").strip().lower() in _OFF or not _is_on_cpu(model):
        return model
    found = [
        (part, module)
        for module in model.modules()
        for part in (Block, Positions)
        if _PLACE not in vars(module) and part.fits(module)
    ]
    trials = {Block: _Trial(), Positions: _Trial()}
    for part, module in found:
        module.__dict__[_PLACE] = (part(module, kinds), trials[part])
        module.__class__ = _class_of(type(module))
    if found:
        said = "ttsopt: fused-dit: %d modules; %s=0 turns it off\n" % (len(found), SWITCH)
        sys.stderr.write(said)
    else:
        _fell_back("no block of the kind that is known")
    return model


def _is_on_cpu(model):
    first = next(model.parameters(), None)
    return first is not None and _is_usual(first)


def _is_usual(tensor):
    return tensor.is_cpu and tensor.dtype is torch.float32 and tensor.layout is torch.strided


def _fell_back(reason):
    said = "fused-dit: %s: the checkout's own is used" % (reason,)
    if said not in __ttsopt_fallbacks__:
        __ttsopt_fallbacks__.append(said)
        sys.stderr.write("ttsopt: %s\n" % (said,))


class _Trial:
    """True if the first module of a kind agreed with upstream's own forward; None before it was tried."""

    def __init__(self):
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
    return {name: value for name, value in vars(module).items() if name != _PLACE}


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
    try:
        difference = quick(module, *given) - expected
    except (AttributeError, NotImplementedError, RuntimeError, TypeError, ValueError) as error:
        trial.passed = False
        _fell_back(str(error).split("\n")[0])
        return expected
    added = expected - given[0] if quick.is_residual else expected
    trial.passed = _size(difference) <= TOLERANCE * _size(added)
    if not trial.passed:
        _fell_back("%s does not agree with it" % (type(module)._ttsopt_base.__name__,))
    return expected


def _size(x):
    return float(x.float().square().mean().sqrt())
