"""Runs the checkout's own server in a worker, with the stand-ins of its workload. Loaded by worker.py.

The controller waits for `serving.json`: {"protocol": 2, "values": {placeholder: text}, "stubs": [text]}.
The script is run as by `python SCRIPT ARGUMENTS` in the root of the view, and ends by being killed.
"""

from __future__ import annotations

import json
import os
import re
import runpy
import sys
from typing import Any, Dict

Job = Dict[str, Any]
HOLE = re.compile(r"\{(\w+)\}")


def serve(job: Job, control: str, workload: Any, protocol: int) -> None:
    """Have the workload put its stand-ins in place, say what requests need, and run the server."""
    if not hasattr(workload, "serve"):
        raise NotImplementedError("the workload has no serve(job)")
    asked, values = job["serve"], dict(workload.serve(job))
    known = dict(values, port=str(asked["port"]))
    arguments = [HOLE.sub(lambda hole: known[hole.group(1)], one) for one in asked["arguments"]]
    message = {"protocol": protocol, "values": values, "stubs": list(workload.STUBS)}
    _write(os.path.join(control, "serving.json"), message)
    script = os.path.join(job["view"], asked["script"])
    sys.argv = [script] + arguments
    runpy.run_path(script, run_name="__main__")


def _write(path: str, message: Job) -> None:
    """Put it in place whole."""
    with open(path + ".partial", "w", encoding="utf-8") as file:
        json.dump(message, file)
    os.replace(path + ".partial", path)
