"""Compile the transformer blocks of F5-TTS, or the backbone of its vocoder, with torch.compile, in place.

Laid out by ttsopt beside the file that uses it; needs Python 3.8 and torch, and compiles with torch 2.5 or newer
on a CUDA GPU that Triton works on (compute capability 7.0). Nothing is compiled before the second utterance of the
process: one that speaks once pays nothing. TTSOPT_COMPILE=0 in the environment turns it off, TTSOPT_COMPILE=force
compiles on a CPU too; it is read when a model is loaded. Where the compiler fails, or the first compiled call for
whatever reason, the model goes on eagerly, from that call on, and says so once on stderr.

torch is imported late: F5-TTS sets PYTORCH_ENABLE_MPS_FALLBACK, which torch reads as it is imported, after its
imports have begun.
"""

import functools
import os
import sys
import threading

SWITCH = "TTSOPT_COMPILE"
_OFF = {"0", "off", "no", "false"}
_OLDEST = (2, 5)  # older ones compile every block for itself, and give up after eight
# Compiling fails while another thread calls a compiled module (pytorch#126024).
_LOCK = threading.RLock()
_FIRST = 2  # the first utterance that is worth a compilation
_spoken = []  # an entry an utterance, up to that one

__ttsopt_fallbacks__ = []  # what fell back and why: ttsopt's benchmark reads it


def counted_utterance(function):
    """Decorate the function, or generator, that is called once for every text to speak."""

    @functools.wraps(function)
    def speak(*args, **kwargs):
        with _LOCK:
            if len(_spoken) < _FIRST:
                _spoken.append(1)
        return function(*args, **kwargs)

    return speak


def compile_parts(model, mode):
    """Have the repeated parts of a model compiled in the second utterance, for any length.

    Names and values of its state stay as they are. A copy of it, or one read from a pickle, is not compiled.
    """
    modules = _parts(model)
    if modules and _wanted(model):
        state = _State(modules)
        for module in modules:
            module._compiled_call_impl = _Guarded(module, state, mode)  # noqa: SLF001


def _parts(model):
    """Return what is compiled: the blocks of a DiT or MMDiT, the backbone of Vocos; nothing of other models."""
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
    """A compiled call that turns into an eager one where it fails. nn.Module leaves it out of copies."""

    def __init__(self, module, state, mode):
        self._module, self._state, self._mode = module, state, mode
        self._call, self._has_run = None, False

    def __call__(self, *args, **kwargs):
        eagerly = self._module._call_impl  # noqa: SLF001
        with _LOCK:
            given_up = self._module._compiled_call_impl is not self  # noqa: SLF001
            if given_up or len(_spoken) < _FIRST:
                return eagerly(*args, **kwargs)
            try:
                made = self._compiled()(*args, **kwargs)
            except Exception as error:
                if self._has_run and not isinstance(error, _compiler_errors()):
                    raise
                made = eagerly(*args, **kwargs)  # an error of the model itself comes out here
                self._state.give_up(error)
            self._has_run = True
            return made

    def _compiled(self):
        """The call as `nn.Module.compile` makes it, made late: it takes seconds to import the compiler."""
        if self._call is None:
            import torch

            call = self._module._call_impl  # noqa: SLF001
            self._call = torch.compile(call, mode=self._mode, dynamic=True)
        return self._call


def _compiler_errors():
    """Return errors that dynamo and inductor raise of themselves; those of the model, or no memory, are none."""
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
