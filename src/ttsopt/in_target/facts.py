"""Facts about this process: memory, versions, threads, fall-backs. Loaded by worker.py."""

from __future__ import annotations

import contextlib
import os
import platform
import re
import sys
from typing import Any, Dict, List, Optional

PACKAGES = ("torch", "torchaudio", "onnxruntime", "onnxruntime-gpu", "numpy", "transformers")
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OMP_WAIT_POLICY")


def peak_rss_bytes() -> Optional[int]:
    """Peak resident memory of this process, or None where the platform does not say (Windows).

    VmHWM first: on Linux ru_maxrss starts with the peak of the process that started this one,
    for execve keeps it (kernel: begin_new_exec, setmax_mm_hiwater_rss).
    """
    peak = _of_linux("VmHWM")
    if peak is not None or os.name != "posix":
        return peak
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def resident_bytes() -> Optional[int]:
    """Memory that this process holds now; None where the platform does not say."""
    return _of_linux("VmRSS")


def _of_linux(field: str) -> Optional[int]:
    """A size of this process, in bytes, as Linux tells it; None elsewhere."""
    if not os.path.exists("/proc/self/status"):
        return None
    with open("/proc/self/status", encoding="ascii", errors="replace") as status:
        found = re.search(field + r":\s+(\d+) kB", status.read())
    return int(found.group(1)) * 1024 if found else None


def peak_gpu_bytes() -> Optional[int]:
    """Peak memory that torch's tensors took on the GPU, or None where there is none in use."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_initialized():
        return None
    return int(torch.cuda.max_memory_allocated())


def native_threads() -> Optional[int]:
    """Threads that this process has, of all libraries together; None where the platform does not say."""
    try:
        return len(os.listdir("/proc/self/task"))
    except FileNotFoundError:
        return None


def fallbacks() -> List[str]:
    """The sentences of every loaded module that fell back."""
    said: List[str] = []
    for module in list(sys.modules.values()):
        said.extend(getattr(module, "__dict__", {}).get("__ttsopt_fallbacks__", ()))
    return said


def environment() -> Dict[str, Any]:
    """Interpreter, package versions, and the thread settings that hold."""
    threads: Dict[str, Any] = {name: os.environ[name] for name in THREADS if name in os.environ}
    if "torch" in sys.modules:
        threads["torch"] = sys.modules["torch"].get_num_threads()
    threads["native"] = native_threads()
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "packages": package_versions(),
        "threads": threads,
    }


def package_versions() -> Dict[str, str]:
    """Name -> version of what is installed of PACKAGES."""
    from importlib import metadata

    versions = {}
    for name in PACKAGES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            versions[name] = metadata.version(name)
    return versions
