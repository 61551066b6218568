"""Says what the interpreter of a checkout has, without importing any of it.

    PYTHON /abs/in_target/probe.py CONTROL_DIR

Run by path, Python 3.8+, standard library only. Messages are files of CONTROL_DIR (see worker.py).

request.json
    {"protocol": 1, "modules": ["torch", "f5_tts"], "packages": ["f5-tts"] (optional)}
result.json
    {"protocol": 1, "ok": true, "python": "3.11.7", "implementation": "CPython",
     "prefix": sys.prefix, "executable": sys.executable, "platform": "Linux-...",
     "modules": {name: found}, "missing": [name],
     "packages": {distribution: version}}    what is installed of PACKAGES and of what was asked
    {"protocol": 1, "ok": false, "error": class, "message"}    and exit code 1
"""

from __future__ import annotations

import contextlib
import importlib.machinery
import importlib.metadata
import importlib.util
import json
import os
import platform
import sys
from typing import Any, Dict, List

PROTOCOL = 1
HERE = os.path.realpath(os.path.dirname(__file__))
PACKAGES = ["torch", "torchaudio", "onnxruntime", "onnxruntime-gpu", "numpy", "transformers"]


def main(control: str) -> int:
    """Answer the request; return the exit code."""
    sys.path[:] = [entry for entry in sys.path if os.path.realpath(entry or ".") != HERE]
    try:
        with open(os.path.join(control, "request.json"), encoding="utf-8") as file:
            result = probe(json.load(file))
    except (OSError, ValueError, KeyError) as error:
        what = {"error": type(error).__name__, "message": str(error)}
        result = {"protocol": PROTOCOL, "ok": False, **what}
    beside = os.path.join(control, "result.json.partial")
    with open(beside, "w", encoding="utf-8") as file:
        json.dump(result, file)
    os.replace(beside, os.path.join(control, "result.json"))
    return 0 if result["ok"] else 1


def probe(request: Dict[str, Any]) -> Dict[str, Any]:
    """The result; ValueError or KeyError where the request is not one of this protocol."""
    if request.get("protocol") != PROTOCOL:
        asked = request.get("protocol")
        raise ValueError("protocol %r was asked for, this probe speaks %d" % (asked, PROTOCOL))
    modules = {name: is_there(name) for name in request["modules"]}
    return {
        "protocol": PROTOCOL,
        "ok": True,
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "prefix": sys.prefix,
        "executable": sys.executable,
        "platform": platform.platform(),
        "modules": modules,
        "missing": [name for name, found in modules.items() if not found],
        "packages": versions(PACKAGES + request["modules"] + request.get("packages", [])),
    }


def is_there(name: str) -> bool:
    """Return True if an import of `name` would find it.

    The parents of a dotted name are looked into, not imported (find_spec would import them).
    """
    top, *rest = name.split(".")
    spec = importlib.util.find_spec(top)
    for part in rest:
        if spec is None or spec.submodule_search_locations is None:
            return False
        locations, dotted = list(spec.submodule_search_locations), spec.name + "." + part
        spec = importlib.machinery.PathFinder.find_spec(dotted, locations)
    return spec is not None


def versions(names: List[str]) -> Dict[str, str]:
    """Distribution name -> version of what is installed of `names`."""
    found = {}
    for name in names:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return found


if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004
        sys.exit("usage: probe.py CONTROL_DIR")
    sys.exit(main(sys.argv[1]))
