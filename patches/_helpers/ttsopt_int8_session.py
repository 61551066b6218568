"""Open an ONNX model on a CPU with the weights of its matrix products in 8 bits.

`session_in_int8(make, path, ...)` is called in the place of `make(path, ...)`, make being
onnxruntime.InferenceSession. At the first call onnxruntime.quantization writes a copy of the model (a quarter of
its size; it needs the package onnx, some seconds, and about twice the model's size of memory) into
`ttsopt/int8` of the user's cache folder; later ones open that. Weights are in 8 bits per output channel, inputs in
8 bits per call; convolutions stay in float32. A copy is made anew where the model's path, size, time or
onnxruntime's version has changed; two are kept, replaced in one step.

Where a copy cannot be made or opened, or where onnxruntime has a provider for a GPU, the model itself is opened,
and the reason is said once on stderr. TTSOPT_INT8_SESSION=0 opens the model itself. TTSOPT_INT8_FOLDER names
another folder. Laid out by ttsopt; needs Python 3.8, onnxruntime 1.15.
"""

import contextlib
import hashlib
import os
import sys
import tempfile
import time
from pathlib import Path

if __package__:
    from .ttsopt_kernels import cache_folder
else:
    from ttsopt_kernels import cache_folder

SWITCH = "TTSOPT_INT8_SESSION"
FOLDER = "TTSOPT_INT8_FOLDER"
MOST = 2  # copies that are kept
STALE = 3600  # seconds after which nobody writes at a copy any more
_OFF = {"0", "off", "no", "false"}
_ON_GPU = {"CUDAExecutionProvider", "TensorrtExecutionProvider", "ROCMExecutionProvider"}

__ttsopt_fallbacks__ = []


def session_in_int8(make, path, *args, **options):
    """Return make(copy of `path` with small weights, ...), or make(path, ...) where that is not to be had."""
    if os.environ.get(SWITCH, "").strip().lower() in _OFF:
        return make(path, *args, **options)
    copy = None
    try:
        copy = _copy_of(Path(path))
        return make(str(copy), *args, **options)
    except Exception as error:  # noqa: BLE001 - onnxruntime's own have no common class
        _fell_back("%s: %s" % (type(error).__name__, str(error).split("\n")[0]))
    if copy is not None:
        with contextlib.suppress(OSError):
            copy.unlink()
    return make(path, *args, **options)


def _fell_back(reason):
    said = "int8-session: %s: the model itself is opened" % (reason,)
    if said not in __ttsopt_fallbacks__:
        __ttsopt_fallbacks__.append(said)
        sys.stderr.write("ttsopt: %s\n" % (said,))


def _copy_of(path):
    """Return the path of the copy in 8 bits, which is made where it is not there."""
    import onnxruntime

    found = _ON_GPU.intersection(onnxruntime.get_available_providers())
    if found:
        raise RuntimeError("onnxruntime has the " + min(found))
    stat = path.stat()
    parts = (path.resolve(), stat.st_size, stat.st_mtime_ns, onnxruntime.__version__)
    digest = hashlib.sha256("|".join(map(str, parts)).encode("utf-8", "replace"))
    copy = cache_folder(FOLDER, "int8") / (digest.hexdigest()[:20] + ".onnx")
    if not copy.is_file():
        copy.parent.mkdir(parents=True, exist_ok=True)
        _write(path, copy)
        _drop_old(copy)
    return copy


def _write(path, copy):
    from onnxruntime.quantization import QuantType, quantize_dynamic

    handle, temporary = tempfile.mkstemp(dir=str(copy.parent), suffix=".part")
    os.close(handle)
    try:
        options = {"weight_type": QuantType.QInt8, "per_channel": True}
        quantize_dynamic(str(path), temporary, op_types_to_quantize=["MatMul"], **options)
        Path(temporary).replace(copy)
    finally:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()


def _drop_old(newest):
    """Remove copies beyond MOST, the oldest first, and what was left unfinished; others may do so, too."""
    with contextlib.suppress(OSError):
        others = [one for one in newest.parent.glob("*.onnx") if one != newest]
        others.sort(key=lambda one: one.stat().st_mtime, reverse=True)
        unfinished = newest.parent.glob("*.part")
        stale = [one for one in unfinished if time.time() - one.stat().st_mtime > STALE]
        for one in others[MOST - 1 :] + stale:
            one.unlink()
