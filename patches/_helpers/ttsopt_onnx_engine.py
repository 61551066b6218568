"""Run a network on a GPU by an ONNX Runtime engine: TensorRT in float16, CUDA, else as shipped.

`run_by_engine(module)` is called once behind the loading of MockingBird's speaker encoder or HiFi-GAN. The
first call on a GPU exports the network as it lies in memory to ONNX, into `ttsopt/engines` of the user's cache
folder, one file for its weights and torch's version, four at most; a later process finds it there.
ttsopt_tensorrt_session.py opens it, with one engine for all lengths between the bounds of KINDS, which is kept
too. What goes in and comes out crosses to the CPU and back, as it does in upstream's own next line.

Torch runs what is outside of those bounds, in training, and with gradients of what is given. It runs
everything, which is said once on stderr, where onnxruntime or onnx is missing, onnxruntime has no GPU, the
export, the session or a call of it fails, or the first result is further from torch's than TOLERANCE. Weights
that were changed are exported anew. TTSOPT_ENGINES=0 runs everything as shipped, at any time;
TTSOPT_ENGINES_FOLDER names another folder. Names, parameters and state_dict are as without it. Laid out by
ttsopt; needs Python 3.8, torch 2.1.
"""

import contextlib
import hashlib
import inspect
import os
import sys
import threading

import torch

if __package__:
    from .ttsopt_graphs import with_methods
    from .ttsopt_kernels import cache_folder
    from .ttsopt_tensorrt_session import PROVIDER, session_by_tensorrt
else:
    from ttsopt_graphs import with_methods
    from ttsopt_kernels import cache_folder
    from ttsopt_tensorrt_session import PROVIDER, session_by_tensorrt

SWITCH, FOLDER = "TTSOPT_ENGINES", "TTSOPT_ENGINES_FOLDER"
CUDA = "CUDAExecutionProvider"
TOLERANCE = 5e-2  # of the largest value: float16 through some hundred layers
MOST = 4  # exported networks that are kept
OPSET = 17
DIMENSIONS = 3
# Of a class the dimensions of its input that are free, each with its least, its usual and its most.
KINDS = {
    "SpeakerEncoder": {0: ("parts", 1, 4, 64), 1: ("frames", 16, 160, 400)},
    "Generator": {2: ("frames", 8, 400, 3000)},
}
_PLACE = "_ttsopt_engine"
_OFF = {"0", "off", "no", "false"}

__ttsopt_fallbacks__ = []  # read by ttsopt's benchmark: what was said on stderr


def run_by_engine(module, providers=None):
    """Have a module run by an engine; those of other classes stay as they are; return the module.

    `providers` are ONNX Runtime's for any device in the place of a GPU's.
    """
    kind = type(module).__name__
    if kind in KINDS and _PLACE not in vars(module) and "forward" not in vars(module):
        vars(module)[_PLACE] = _Engine(KINDS[kind], providers)
        module.__class__ = with_methods(type(module), _PLACE, _by_engine)
    return module


def _by_engine(base):
    def forward(self, x, *more, **named):
        engine = vars(self).get(_PLACE)
        if engine is None or more or named or torch.jit.is_tracing() or not engine.takes(self, x):
            return base.forward(self, x, *more, **named)
        return engine(self, x, lambda: base.forward(self, x))

    return {"forward": forward}


class _Engine:
    """The engine of one module."""

    def __init__(self, free, providers):
        self.free, self.providers = free, providers
        self.lock = threading.Lock()
        self.session, self.stamp = None, None
        self.sizes = None  # of the input, as exported; None for those that are free
        self.is_given_up = False

    def takes(self, module, x):
        """True for what an engine may be asked: float32 within the bounds, on the device, for inference."""
        is_off = os.environ.get(SWITCH, "").strip().lower() in _OFF
        if is_off or self.is_given_up or module.training or x.requires_grad:
            return False
        is_on_device = x.is_cuda or self.providers is not None
        fits = is_on_device and x.dtype is torch.float32 and x.dim() == DIMENSIONS
        return fits and all(
            least <= x.shape[axis] <= most for axis, (_, least, _, most) in self.free.items()
        )

    def __call__(self, module, x, shipped):
        """Return the engine's result; `shipped()`'s where there is none, and at the first call."""
        if self.sizes not in (None, self._fixed(x)):
            return shipped()
        try:
            with self.lock:
                stamp = tuple((one.data_ptr(), one._version) for one in module.parameters())  # noqa: SLF001
                is_first = stamp != self.stamp
                if is_first:
                    self.session, self.stamp = self._opened(module, x), stamp
            made = self._run(x)
        except Exception as error:  # noqa: BLE001 - torch's and onnxruntime's have no common class
            self._give_up(
                "%s: %s"
                % (type(error).__name__, (str(error).strip() or "no reason given").splitlines()[0])
            )
            return shipped()
        return self._compared(made, shipped()) if is_first else made

    def _compared(self, made, wanted):
        wanted = wanted.detach()
        if made.shape != wanted.shape:
            self._give_up("its result has another shape")
            return wanted
        off = float((made - wanted).abs().max() / wanted.abs().max().clamp(min=1e-12))
        if not off <= TOLERANCE:
            self._give_up("its result differs by %.2g of the largest value" % (off,))
        return wanted

    def _run(self, x):
        (name,) = [one.name for one in self.session.get_inputs()]
        (made,) = self.session.run(None, {name: x.detach().cpu().numpy()})
        return torch.from_numpy(made).to(x.device)

    def _fixed(self, x):
        return [None if axis in self.free else size for axis, size in enumerate(x.shape)]

    def _opened(self, module, x):
        import onnxruntime

        self.sizes = self._fixed(x)
        providers = self.providers
        if providers is None:
            there = onnxruntime.get_available_providers()
            if CUDA not in there and PROVIDER not in there:
                raise RuntimeError("this onnxruntime has no provider for a GPU")
            providers = [one for one in (CUDA, "CPUExecutionProvider") if one in there]
        path = self._exported(module, x)
        try:
            make = onnxruntime.InferenceSession
            return session_by_tensorrt(
                make, str(path), tensorrt=self._profile(x), providers=providers
            )
        except Exception:
            with contextlib.suppress(OSError):  # the next process exports it anew
                path.unlink()
            raise

    def _exported(self, module, x):
        """The path of the network in ONNX, written unless it is there."""
        folder = cache_folder(FOLDER, "engines")
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / (_digest(module, self.sizes) + ".onnx")
        if path.exists():
            os.utime(str(path))
            return path
        part = folder / ("%s.%d.part" % (path.name, os.getpid()))
        try:
            _export(module, x.new_zeros(self._shape(x, 1)), str(part), self.free)
            part.replace(path)
        finally:
            with contextlib.suppress(OSError):
                part.unlink()
        _drop_old(path)
        return path

    def _profile(self, x):
        """TensorRT's options: float16, and one engine for all shapes within the bounds."""
        shapes = ["x:" + "x".join(map(str, self._shape(x, place))) for place in range(3)]
        names = ("trt_profile_min_shapes", "trt_profile_opt_shapes", "trt_profile_max_shapes")
        return {"trt_fp16_enable": True, **dict(zip(names, shapes))}

    def _shape(self, x, place):
        """The shape of x with its free dimensions at their least, their usual or their most (0, 1, 2)."""
        return [
            self.free[axis][place + 1] if axis in self.free else size
            for axis, size in enumerate(x.shape)
        ]

    def _give_up(self, reason):
        self.is_given_up, self.session = True, None
        said = "engine: %s: it runs as shipped" % (reason,)
        if said not in __ttsopt_fallbacks__:
            __ttsopt_fallbacks__.append(said)
            sys.stderr.write("ttsopt: %s\n" % (said,))


def _export(module, example, path, free):
    options = {"input_names": ["x"], "output_names": ["y"], "opset_version": OPSET}
    options["dynamic_axes"] = {"x": {axis: name for axis, (name, *_) in free.items()}}
    if "dynamo" in inspect.signature(torch.onnx.export).parameters:
        options["dynamo"] = False  # the other exporter needs one package more
    with torch.no_grad():
        torch.onnx.export(module, (example,), path, **options)


def _digest(module, sizes):
    """A name for a network by its class, its weights, the sizes that are not free, and torch's version."""
    made = hashlib.sha256(("%s|%s|%s" % (type(module).__name__, torch.__version__, sizes)).encode())
    for name, value in module.state_dict().items():
        made.update(("%s|%s" % (name, tuple(value.shape))).encode())
        made.update(value.detach().cpu().contiguous().numpy().tobytes())
    return made.hexdigest()[:20]


def _drop_old(newest):
    """Remove exported networks beyond MOST, those that were used longest ago first."""
    with contextlib.suppress(OSError):
        others = [one for one in newest.parent.glob("*.onnx") if one != newest]
        others.sort(key=lambda one: one.stat().st_mtime, reverse=True)
        for one in others[MOST - 1 :]:
            one.unlink()
