"""Runs in an interpreter with torch: the helper that shares ONNX sessions, as JSON on the last line.

Arguments: the folder of the helpers, and what to try: a function of this file.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import tempfile
import weakref
from importlib import import_module
from pathlib import Path
from typing import Any

torch: Any = import_module("torch")


def sessions() -> dict[str, Any]:
    """Which sessions are one: by file, options, providers; and when they close."""
    onnxruntime: Any = import_module("onnxruntime")
    shared_session = import_module("ttsopt_cosyvoice_sessions").shared_session

    def options(threads: int) -> Any:
        made = onnxruntime.SessionOptions()
        made.intra_op_num_threads = threads
        return made

    cpu = ["CPUExecutionProvider"]
    with tempfile.TemporaryDirectory() as folder:
        model = str(Path(folder) / "double.onnx")
        _export(model)
        one = shared_session(model, sess_options=options(1), providers=cpu)
        rows: dict[str, Any] = {
            "same": one is shared_session(model, sess_options=options(1), providers=cpu)
        }
        others = [(2, cpu), (1, None)]
        made = [shared_session(model, sess_options=options(n), providers=p) for n, p in others]
        rows["others"] = len({id(each) for each in [one, *made]})
        data = Path(model).read_bytes()
        unshared = shared_session(data, sess_options=options(1), providers=cpu)
        rows["bytes"] = unshared is not shared_session(data, sess_options=options(1), providers=cpu)
        os.utime(model, (1, 1))
        rows["file of another time"] = one is not shared_session(model, options(1), cpu)
        os.environ["TTSOPT_SHARED_SESSIONS"] = "0"
        rows["off"] = shared_session(model, options(1), cpu) is not shared_session(
            model, options(1), cpu
        )
        del os.environ["TTSOPT_SHARED_SESSIONS"]
        rows["answer"] = one.run(None, {"x": torch.ones(2).numpy()})[0].tolist()
    watched = weakref.ref(one)
    del one
    gc.collect()
    rows["let go"] = watched() is None
    return rows


def _export(path: str) -> None:
    """A model that doubles."""
    onnx: Any = import_module("onnx")
    helper, number = onnx.helper, onnx.TensorProto.FLOAT

    shape = [helper.make_tensor_value_info(name, number, [2]) for name in "xy"]
    graph = helper.make_graph(
        [helper.make_node("Add", ["x", "x"], ["y"])], "g", shape[:1], shape[1:]
    )
    versions = [helper.make_opsetid("", 13)]
    onnx.save(helper.make_model(graph, opset_imports=versions, ir_version=8), path)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(sys.argv[1])))
    print(json.dumps(globals()[sys.argv[2]]()))  # noqa: T201
