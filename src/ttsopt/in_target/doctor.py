"""Says what really works in the interpreter of a checkout: imports torch and ONNX Runtime, and opens sessions.

    PYTHON /abs/in_target/doctor.py CONTROL_DIR

Run by path, Python 3.8+, standard library; what is imported beyond it is what is looked at, each part on its own.
After each part result.json is written anew: where one hangs or kills the process, those before it are known.

request.json
    {"protocol": 1, "package": distribution name or "", "modules": [top-level names of the checkout's code]}
result.json
    {"protocol": 1, "begun": part that is being looked at, "done": [part],
     "python": {"version", "debug": bool, "bits", "executable", "prefix", "base_prefix"},
     "copies": {"modules": {name: file or folder}, "editable": path or null, "version": text or null},
     "torch": {"version", "cuda", "available", "debug", "threads", "archs": [text],
               "devices": [{"name", "capability", "bf16", "free", "total"}]} | {"missing": true} | {"error": text},
     "onnxruntime": {"version", "offered": [provider], "loaded": {provider: error or ""}, "said": last lines on
               standard error} | as torch}
Nothing of the checkout is imported: the working directory and this folder are not on sys.path.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import importlib.util
import json
import os
import platform
import struct
import sys
import sysconfig
from typing import Any, Callable, Dict, Iterator, List, Optional

PROTOCOL = 1
HERE = os.path.realpath(os.path.dirname(__file__))
LONGEST = 2000  # letters of a message

Facts = Dict[str, Any]


def main(control: str) -> int:
    """Look at part after part; return the exit code."""
    sys.path[:] = [entry for entry in sys.path if entry and os.path.realpath(entry) != HERE]
    with open(os.path.join(control, "request.json"), encoding="utf-8") as file:
        request = json.load(file)
    if request.get("protocol") != PROTOCOL:
        return 1
    result: Facts = {"protocol": PROTOCOL, "begun": "", "done": []}
    parts: Dict[str, Callable[[], Facts]] = {
        "python": about_python,
        "copies": lambda: copies(request["package"], request["modules"]),
        "torch": lambda: looked_at("torch", about_torch),
        "onnxruntime": lambda: looked_at("onnxruntime", lambda: about_sessions(control)),
    }
    for name, look in parts.items():
        result["begun"] = name
        write(control, result)
        result[name] = look()
        result["done"].append(name)
    write(control, dict(result, begun=""))
    return 0


def write(control: str, result: Facts) -> None:
    """Put result.json in place whole."""
    beside = os.path.join(control, "result.json.partial")
    with open(beside, "w", encoding="utf-8") as file:
        json.dump(result, file)
    os.replace(beside, os.path.join(control, "result.json"))


def looked_at(module: str, look: Callable[[], Facts]) -> Facts:
    """The facts, or why there are none."""
    try:
        if importlib.util.find_spec(module) is None:
            return {"missing": True}
        return look()
    except BaseException as error:  # noqa: BLE001 - a broken library raises anything, SystemExit too
        return {"error": ("%s: %s" % (type(error).__name__, error))[:LONGEST]}


def about_python() -> Facts:
    """The interpreter itself."""
    return {
        "version": platform.python_version(),
        "debug": bool(sysconfig.get_config_var("Py_DEBUG")) or hasattr(sys, "gettotalrefcount"),
        "bits": 8 * struct.calcsize("P"),
        "executable": sys.executable,
        "prefix": sys.prefix,
        "base_prefix": sys.base_prefix,
    }


def copies(package: str, modules: List[str]) -> Facts:
    """Where an import of the checkout's modules would lead without the checkout on the path."""
    found = {}
    for name in modules:
        with contextlib.suppress(Exception):
            spec = importlib.util.find_spec(name)
            if spec is not None:
                places = list(spec.submodule_search_locations or ())
                found[name] = str(spec.origin or next(iter(places), ""))
    return {"modules": found, "editable": editable(package), "version": version(package)}


def version(package: str) -> Optional[str]:
    """The version of a distribution, None where it is not installed."""
    try:
        return importlib.metadata.version(package) if package else None
    except Exception:  # noqa: BLE001 - damaged metadata raise anything
        return None


def editable(package: str) -> Optional[str]:
    """The URL of the folder that a distribution is an editable install of."""
    try:
        text = importlib.metadata.distribution(package).read_text("direct_url.json")
        told = json.loads(text or "{}")
        return str(told["url"]) if told["dir_info"].get("editable") else None
    except Exception:  # noqa: BLE001 - not installed, no such file, not one of a folder
        return None


def about_torch() -> Facts:
    """torch, its build and its GPUs."""
    torch = importlib.import_module("torch")
    available = bool(torch.cuda.is_available())
    devices = [device(torch, i) for i in range(torch.cuda.device_count())] if available else []
    return {
        "version": str(torch.__version__),
        "cuda": torch.version.cuda and str(torch.version.cuda),
        "hip": getattr(torch.version, "hip", None),
        "available": available,
        "debug": bool(getattr(torch.version, "debug", False)),
        "threads": int(torch.get_num_threads()),
        "archs": list(torch.cuda.get_arch_list()) if available else [],
        "devices": devices,
    }


def device(torch: Any, number: int) -> Facts:
    """One GPU as torch sees it; a small product shows that it has kernels for it."""
    row: Facts = {"name": str(torch.cuda.get_device_name(number))}
    row["capability"] = "%d.%d" % torch.cuda.get_device_capability(number)
    try:
        with torch.cuda.device(number):
            row["bf16"] = bool(torch.cuda.is_bf16_supported())
            row["free"], row["total"] = (int(size) for size in torch.cuda.mem_get_info())
            float((torch.ones(8, 8, device="cuda") @ torch.ones(8, 8, device="cuda")).sum())
        row["error"] = ""
    except Exception as error:  # noqa: BLE001
        row["error"] = ("%s: %s" % (type(error).__name__, error))[:LONGEST]
    return row


# ---- ONNX Runtime ----


def about_sessions(control: str) -> Facts:
    """The providers that are offered, and which of them open a session; what it prints meanwhile."""
    with said(os.path.join(control, "stderr.txt")) as lines:
        runtime = importlib.import_module("onnxruntime")
        offered = list(runtime.get_available_providers())
        loaded = {name: session_error(runtime, name) for name in offered}
    return {
        "version": str(runtime.__version__),
        "offered": offered,
        "loaded": loaded,
        "said": "".join(lines)[-LONGEST:],
    }


def session_error(runtime: Any, provider: str) -> str:
    """Why a provider does not run a graph of one node; empty where it does."""
    try:
        session = runtime.InferenceSession(identity_graph(), providers=[provider])
        if provider not in session.get_providers():
            return "its libraries cannot be loaded; ONNX Runtime falls back to the CPU"
    except Exception as error:  # noqa: BLE001
        return ("%s: %s" % (type(error).__name__, error))[:LONGEST]
    return ""


@contextlib.contextmanager
def said(path: str) -> Iterator[List[str]]:
    """Return what is written to standard error meanwhile, by native code too."""
    lines: List[str] = []
    sys.stderr.flush()
    kept = os.dup(2)
    with open(path, "w+b") as file:
        os.dup2(file.fileno(), 2)
        try:
            yield lines
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            file.seek(0)
            lines.append(file.read(64 * 1024).decode("utf-8", "replace"))


def identity_graph() -> bytes:
    """An ONNX model, y = x of one float, in the encoding of protocol buffers; the package onnx is not needed."""
    shape = field(1, number(1, 1))
    tensor = field(1, number(1, 1) + field(2, shape))
    node = field(1, b"x") + field(2, b"y") + field(4, b"Identity")
    values = field(11, field(1, b"x") + field(2, tensor)) + field(
        12, field(1, b"y") + field(2, tensor)
    )
    graph = field(1, node) + field(2, b"g") + values
    return number(1, 8) + field(7, graph) + field(8, number(2, 13))


def field(key: int, content: bytes) -> bytes:
    """A field of a length below 128."""
    return bytes([key << 3 | 2, len(content)]) + content


def number(key: int, value: int) -> bytes:
    """A small number."""
    return bytes([key << 3, value])


if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004
        sys.exit("usage: doctor.py CONTROL_DIR")
    code = main(sys.argv[1])
    sys.stdout.flush()
    os._exit(code)  # libraries that hang or crash at exit must not spoil the answer
