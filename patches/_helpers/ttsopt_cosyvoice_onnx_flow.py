"""Run the estimator of CosyVoice's flow by ONNX Runtime on a GPU: TensorRT, CUDA, CPU, else as shipped.

`flow_by_session(model, file)` is called once behind the loading of the models; `file` is the estimator in ONNX,
as the published models have it. The first evaluation on a GPU opens it by ttsopt_tensorrt_session.py, which keeps
engines and timings, with one engine for all lengths between SHORTEST and LONGEST; tensors stay on their device.

The network stays in memory, and evaluates what the file cannot: streams of CosyVoice 2 and 3, whose mask it does
not have, other lengths and types, and gradients. It evaluates everything, which is said once on stderr, where the
file or onnxruntime is missing, onnxruntime has no GPU, the session or a call of it fails, or its first result is
further from the network's than TOLERANCE. An engine of upstream's (load_trt) goes before it. TTSOPT_ONNX_FLOW=0
runs all as shipped, at any time. Laid out by ttsopt; needs Python 3.8, torch 1.13, onnxruntime 1.15.
"""

import os
import sys
import threading
from pathlib import Path

import torch

if __package__:
    from .ttsopt_tensorrt_session import PROVIDER, session_by_tensorrt
else:
    from ttsopt_tensorrt_session import PROVIDER, session_by_tensorrt

SWITCH = "TTSOPT_ONNX_FLOW"
CUDA, CPU = "CUDAExecutionProvider", "CPUExecutionProvider"
SHORTEST, USUAL, LONGEST = 4, 500, 3000  # mel frames, as of upstream's own engine
NAMES = ("x", "mask", "mu", "t", "spks", "cond")
PARTS = {"x": 80, "mask": 1, "mu": 80, "cond": 80}  # of those whose length is free: their channels
PAIR = 2  # rows: with the condition and without it
TOLERANCE = 5e-2  # of the largest value
_OFF = {"0", "off", "no", "false"}

__ttsopt_fallbacks__ = []  # read by ttsopt's benchmark: what was said on stderr


def flow_by_session(model, file, providers=None):
    """Have the flow of a model evaluated by a session of `file`; return the model.

    `providers` are ONNX Runtime's for any device in the place of a GPU's.
    """
    decoder = model.flow.decoder
    if isinstance(decoder.estimator, torch.nn.Module) and hasattr(decoder, "forward_estimator"):
        decoder.forward_estimator = _BySession(decoder, file, providers)
    return model


class _BySession:
    """`forward_estimator(x, mask, mu, t, spks, cond[, streaming])`; x is (2, 80, mel frames)."""

    def __init__(self, decoder, file, providers):
        self._shipped, self._network = decoder.forward_estimator, decoder.estimator
        self._decoder, self._file, self._providers = decoder, file, providers
        self._lock, self._session = threading.Lock(), None
        self._is_given_up = False

    def __call__(self, *inputs, **named):
        """Return the session's evaluation; the network's where it is not to be asked, and at the first call."""
        if not self._takes(inputs, named):
            return self._shipped(*inputs, **named)
        try:
            with self._lock:
                is_first = self._session is None
                if is_first:
                    self._session = self._opened(inputs[0].device)
                session = self._session
            made = _run(session, inputs[: len(NAMES)])
        except Exception as error:  # noqa: BLE001 - onnxruntime's own have no common class
            self._give_up(_reason(error))
            return self._shipped(*inputs, **named)
        return self._compared(made, self._shipped(*inputs, **named)) if is_first else made

    def _takes(self, inputs, named):
        """True for what the file has: a pair of rows, no mask of a stream, float32, inference on the device."""
        is_off = os.environ.get(SWITCH, "").strip().lower() in _OFF
        has_engine = self._decoder.estimator is not self._network
        further = [*inputs[len(NAMES) :], *named.values()]  # streaming, or a cache
        if is_off or self._is_given_up or has_engine or len(inputs) < len(NAMES):
            return False
        if any(one is not False for one in further):
            return False
        x = inputs[0]
        is_on_device = x.is_cuda or self._providers is not None
        has_shape = x.size(0) == PAIR and SHORTEST <= x.size(2) <= LONGEST
        is_plain = all(one.dtype is torch.float32 for one in inputs[: len(NAMES)])
        return is_on_device and has_shape and is_plain and not x.requires_grad

    def _opened(self, device):
        import onnxruntime

        if not Path(self._file).is_file():
            raise FileNotFoundError("there is no %s" % (self._file,))
        providers, settings = self._providers, _profile()
        if providers is None:
            settings["device_id"] = number = device.index or 0
            providers = [(CUDA, {"device_id": number}), CPU]
        make = onnxruntime.InferenceSession
        session = session_by_tensorrt(make, str(self._file), tensorrt=settings, providers=providers)
        if self._providers is None and not {CUDA, PROVIDER} & set(session.get_providers()):
            raise RuntimeError("this onnxruntime has no provider for a GPU")
        names = {one.name for one in session.get_inputs()}
        if names != set(NAMES):
            raise RuntimeError("the file has other inputs: %s" % (", ".join(sorted(names)),))
        return session

    def _compared(self, made, wanted):
        off = float((made - wanted).abs().max() / wanted.abs().max().clamp(min=1e-12))
        if not off <= TOLERANCE:
            self._give_up("its result differs by %.2g of the largest value" % (off,))
        return wanted

    def _give_up(self, reason):
        self._is_given_up, self._session = True, None
        said = "onnx-flow: %s: the network evaluates the flow" % (reason,)
        if said not in __ttsopt_fallbacks__:
            __ttsopt_fallbacks__.append(said)
            sys.stderr.write("ttsopt: %s\n" % (said,))


def _run(session, inputs):
    """Evaluate where the tensors lie: neither is copied to the host."""
    binding, given = session.io_binding(), [one.contiguous() for one in inputs]
    for name, one in zip(NAMES, given):
        binding.bind_input(name, *_place(one))
    made = torch.empty_like(given[0])
    (result,) = [one.name for one in session.get_outputs()]
    binding.bind_output(result, *_place(made))
    if made.is_cuda:
        torch.cuda.current_stream(made.device).synchronize()  # the session has a stream of its own
    session.run_with_iobinding(binding)
    binding.synchronize_outputs()
    return made


def _place(tensor):
    """The words of a float32 tensor for a binding: device, its number, type, shape, address."""
    import numpy as np

    where = (tensor.device.type, tensor.device.index or 0)
    return (*where, np.float32, tuple(tensor.shape), tensor.data_ptr())


def _profile():
    """TensorRT's options: one engine for all lengths."""
    names = ("trt_profile_min_shapes", "trt_profile_opt_shapes", "trt_profile_max_shapes")
    return {
        name: ",".join("%s:%dx%dx%d" % (one, PAIR, parts, frames) for one, parts in PARTS.items())
        for name, frames in zip(names, (SHORTEST, USUAL, LONGEST))
    }


def _reason(error):
    told = str(error).strip() or "no reason given"
    return "%s: %s" % (type(error).__name__, told.splitlines()[0])
