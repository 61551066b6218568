"""Writes down what FunASR's Paraformer hears in sounds.

    PYTHON /abs/in_target/recognise.py CONTROL_DIR

Run by path in an interpreter that has funasr (`pip install "ttsopt[funasr]"`, and torch and torchaudio), Python
3.8+, standard library only at import. Messages are files of CONTROL_DIR (see worker.py). Tested against a fake
funasr only: nobody has run it with the real weights yet. FunASR downloads a model that is named, such as
`paraformer-zh`, at the first use; a folder that holds one needs no network.

request.json
    {"protocol": 1, "model": "paraformer-zh" or abs folder, "threads": 4,
     "sounds": [{"id": "short", "file": abs path of a 1-D float32 .npy, "sample_rate": Hz}]}
result.json
    {"protocol": 1, "ok": true, "texts": {id: text}}
    {"protocol": 1, "ok": false, "error": class, "message", "missing_module": name or null}    and exit code 1
"""

from __future__ import annotations

import json
import os
import runpy
import sys
import traceback
from typing import Any, Dict

PROTOCOL = 1
HERE = os.path.realpath(os.path.dirname(__file__))


class NoModelError(Exception):
    """There are no trained weights: FunASR would go on with random ones and a word on its standard output."""


def main(control: str) -> int:
    """Answer the request; return the exit code."""
    sys.path[:] = [entry for entry in sys.path if os.path.realpath(entry or ".") != HERE]
    try:
        with open(os.path.join(control, "request.json"), encoding="utf-8") as file:
            texts = recognise(json.load(file))
        result: Dict[str, Any] = {"protocol": PROTOCOL, "ok": True, "texts": texts}
    except Exception as error:  # noqa: BLE001 - whatever a library raises is what there is to say
        traceback.print_exc()
        result = {"protocol": PROTOCOL, "ok": False, "error": type(error).__name__}
        result["message"] = str(error)
        result["missing_module"] = getattr(error, "name", None) if is_missing(error) else None
    beside = os.path.join(control, "result.json.partial")
    with open(beside, "w", encoding="utf-8") as file:
        json.dump(result, file)
    os.replace(beside, os.path.join(control, "result.json"))
    return 0 if result["ok"] else 1


def is_missing(error: Exception) -> bool:
    """Return True if a module could not be found."""
    return isinstance(error, ModuleNotFoundError)


def recognise(request: Dict[str, Any]) -> Dict[str, str]:
    """The text of each sound, by id; ValueError or KeyError where the request is not one of this protocol."""
    if request.get("protocol") != PROTOCOL:
        asked = request.get("protocol")
        raise ValueError("protocol %r was asked for, this recogniser speaks %d" % (asked, PROTOCOL))
    model = load(request["model"], request["threads"])
    return {row["id"]: hear(model, row["file"], row["sample_rate"]) for row in request["sounds"]}


def load(name: str, threads: int) -> Any:
    """The model, on a GPU where torch sees one."""
    from funasr import AutoModel  # type: ignore[import-not-found]

    model = AutoModel(model=name, ncpu=threads, disable_update=True, disable_pbar=True)
    weights = model.kwargs.get("init_param")
    if not weights or not os.path.exists(weights):
        raise NoModelError("FunASR loaded no weights for %s (init_param: %r)" % (name, weights))
    return model


def hear(model: Any, file: str, sample_rate: int) -> str:
    """The text of one sound. FunASR resamples an array by `fs`; a path it would decode by other libraries."""
    import numpy as np

    rows = model.generate(input=np.load(file, allow_pickle=False), fs=sample_rate)
    return " ".join(row["text"] for row in rows)


if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004
        sys.exit("usage: recognise.py CONTROL_DIR")
    runpy.run_path(os.path.join(HERE, "lifeline.py"))["hold"]()
    code = main(sys.argv[1])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # a library that hangs or crashes at exit must not take the answer with it
