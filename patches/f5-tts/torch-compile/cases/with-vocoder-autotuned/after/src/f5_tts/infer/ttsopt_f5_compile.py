"""Compile the transformer blocks of F5-TTS, or the backbone of its vocoder, with torch.compile, in place.

Laid out by ttsopt beside the file that uses it; needs Python 3.8 and torch, and compiles with torch 2.5 or newer
on a CUDA GPU that Triton works on (compute capability 7.0). TTSOPT_COMPILE=0 in the environment turns it off,
TTSOPT_COMPILE=force compiles on a CPU too; it is read when a model is loaded. Where the compiler fails, the model
goes on eagerly, from the call that failed on, and says so once on stderr.

torch is imported late: F5-TTS sets PYTORCH_ENABLE_MPS_FALLBACK, which torch reads as it is imported, after its
imports have begun.
"""

import os
import sys
import threading

SWITCH = "TTSOPT_COMPILE"
_OFF = {"0", "off", "no", "false"}
_OLDEST = (2, 5)  # older ones compile every block for itself, and give up after eight
# Compiling fails while another thread calls a compiled module (pytorch#126024).
_LOCK = threading.RLock()

__ttsopt_fallbacks__ = []  # what fell back and why: ttsopt's benchmark reads it


def compile_parts(model, mode):
    """Have the repeated parts of a model compiled when they are first called, for any length.

    Names and values of its state stay as they are. A copy of it, or one read from a pickle, is not compiled.
    """
    modules = _parts(model)
    if modules and _wanted(model):
        state = _State(modules)
        for module in modules:
            module.compile(mode=mode, dynamic=True)
            call = module._compiled_call_impl  # noqa: SLF001
            module._compiled_call_impl = _Guarded(module, state, call)  # noqa: SLF001


def _parts(model):
    """What is compiled: the blocks of a DiT or MMDiT, the backbone of Vocos; nothing of other models."""
    transformer = getattr(model, "transformer", None)
    if transformer is not None:
        return list(getattr(transformer, "transformer_blocks", ()))
    backbone = getattr(model, "backbone", None)
    return [] if backbone is None else [backbone]


def _wanted(model):
    import torch

    switch = os.environ.get(SWITCH, "").strip().lower()
    first = next(model.parameters(), None)
    if switch in _OFF or first is None:
        return False
    if tuple(int(part) for part in torch.__version__.split(".")[:2]) < _OLDEST:
        _say("torch %s is older than %d.%d" % (torch.__version__, *_OLDEST))
        return False
    if switch == "force":
        return True
    if first.device.type != "cuda":
        return False
    if torch.cuda.get_device_capability(first.device) < (7, 0):
        _say("this GPU is older than compute capability 7.0, which Triton needs")
        return False
    return True


class _State:
    """Of the parts of one model: they are compiled together or not at all."""

    def __init__(self, modules):
        self.modules = modules

    def give_up(self, error):
        """Go on without the compiler."""
        for module in self.modules:
            module._compiled_call_impl = None  # noqa: SLF001
        reason = (str(error).strip() or "no reason given").splitlines()[0]
        _say("%s: %s" % (type(error).__name__, reason))


class _Guarded:
    """A compiled call that turns into an eager one where the compiler fails. nn.Module leaves it out of copies."""

    def __init__(self, module, state, call):
        self._module, self._state, self._call = module, state, call

    def __call__(self, *args, **kwargs):
        eagerly = self._module._call_impl  # noqa: SLF001
        with _LOCK:
            if self._module._compiled_call_impl is not self:  # noqa: SLF001
                return eagerly(*args, **kwargs)
            try:
                return self._call(*args, **kwargs)
            except _compiler_errors() as error:
                made = eagerly(*args, **kwargs)  # an error of the model itself comes out here
                self._state.give_up(error)
                return made


def _compiler_errors():
    """What dynamo and inductor raise of themselves; errors of the model, or no memory, are none of these."""
    from torch._dynamo.exc import TorchDynamoException
    from torch._inductor import exc

    inductor = ("InductorError", "CppCompileError", "CppWrapperCodeGenError", "TritonMissing")
    known = [getattr(exc, name, None) for name in inductor]
    return (TorchDynamoException, *(one for one in known if one is not None))


def _say(reason):
    text = "F5-TTS is not compiled, it runs as shipped: " + reason
    if text not in __ttsopt_fallbacks__:
        __ttsopt_fallbacks__.append(text)
        sys.stderr.write("ttsopt: " + text + "\n")
