"""Open an ONNX model by ONNX Runtime's TensorRT provider where it is there, with engines kept, else as shipped.

`session_by_tensorrt(make, path, ...)` is called in the place of `make(path, ...)`, make being
onnxruntime.InferenceSession. Where this onnxruntime has the provider, it goes before those that the caller names,
which take what TensorRT cannot: TensorRT, CUDA, CPU. Engines and TensorRT's timings are kept in `ttsopt/tensorrt`
of the user's cache folder, one folder a model by its path, size, time and onnxruntime's version, four at most:
building one takes minutes, at the first call of a shape.

Where a session cannot be made so, or comes without the provider (its libraries are missing: ONNX Runtime leaves
it out with a line in its own log), the caller's own is taken, and the reason is said once on stderr.
TTSOPT_TENSORRT=0 leaves everything as it is; TTSOPT_TENSORRT_FOLDER names another folder. Laid out by ttsopt;
needs Python 3.8, onnxruntime 1.15.
"""

import contextlib
import hashlib
import os
import shutil
import sys
from pathlib import Path

if __package__:
    from .ttsopt_kernels import cache_folder
else:
    from ttsopt_kernels import cache_folder

SWITCH = "TTSOPT_TENSORRT"
FOLDER = "TTSOPT_TENSORRT_FOLDER"
PROVIDER = "TensorrtExecutionProvider"
MOST = 4  # models whose engines are kept
_OFF = {"0", "off", "no", "false"}

__ttsopt_fallbacks__ = []


def session_by_tensorrt(make, path, *args, tensorrt=None, **options):
    """Return make(path, ...) with TensorRT before the caller's providers, or as it is where that fails.

    `tensorrt` are further options of that provider.
    """
    is_off = os.environ.get(SWITCH, "").strip().lower() in _OFF
    if is_off or "providers" not in options or PROVIDER not in _available():
        return make(path, *args, **options)
    try:
        settings = {**_settings(Path(path)), **(tensorrt or {})}
        providers = [(PROVIDER, settings), *options["providers"]]
        made = make(path, *args, **{**options, "providers": providers})
        if PROVIDER in made.get_providers():
            return made
        _fell_back("onnxruntime could not load it")
    except Exception as error:  # noqa: BLE001 - onnxruntime's own have no common class
        _fell_back("%s: %s" % (type(error).__name__, str(error).split("\n")[0]))
    return make(path, *args, **options)


def _available():
    import onnxruntime

    return onnxruntime.get_available_providers()


def _settings(path):
    """The provider's options: where it keeps engines and timings of this model."""
    import onnxruntime

    stat = path.stat()
    parts = (path.resolve(), stat.st_size, stat.st_mtime_ns, onnxruntime.__version__)
    digest = hashlib.sha256("|".join(map(str, parts)).encode("utf-8", "replace"))
    folder = cache_folder(FOLDER, "tensorrt") / digest.hexdigest()[:20]
    folder.mkdir(parents=True, exist_ok=True)
    os.utime(str(folder))
    _drop_old(folder)
    return {
        "trt_engine_cache_enable": True,
        "trt_engine_cache_path": str(folder),
        "trt_timing_cache_enable": True,
        "trt_timing_cache_path": str(folder),
    }


def _drop_old(newest):
    """Remove the engines of models beyond MOST, those that were opened longest ago first."""
    with contextlib.suppress(OSError):
        others = [one for one in newest.parent.iterdir() if one != newest and one.is_dir()]
        others.sort(key=lambda one: one.stat().st_mtime, reverse=True)
        for one in others[MOST - 1 :]:
            shutil.rmtree(str(one), ignore_errors=True)


def _fell_back(reason):
    said = "tensorrt: %s: the shipped session is opened" % (reason,)
    if said not in __ttsopt_fallbacks__:
        __ttsopt_fallbacks__.append(said)
        sys.stderr.write("ttsopt: %s\n" % (said,))
