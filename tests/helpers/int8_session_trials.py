"""Runs in an interpreter for Step-Audio: an ONNX model in 8 bits, as JSON: `THIS_FILE HELPERS WORKLOAD FOLDER`."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

FRAMES = 630


def ids(session: Any) -> list[int]:
    """Ids of features that are always the same."""
    numpy: Any = import_module("numpy")
    features = numpy.random.default_rng(0).standard_normal((1, 128, FRAMES))
    given = {"feats": features.astype("float32"), "feats_length": numpy.array([FRAMES], "int32")}
    made: list[int] = session.run(None, given)[0].ravel().tolist()
    return made


def copies(folder: Path) -> dict[str, int]:
    """Size of each copy that is kept, by its name."""
    return {one.name: one.stat().st_size for one in sorted(folder.glob("*"))}


def main(helpers: str, workload: str, folder: Path) -> dict[str, Any]:
    sys.path[:0] = [helpers, workload]
    logging.disable()
    ort: Any = import_module("onnxruntime")
    helper: Any = import_module("ttsopt_int8_session")
    kept, model = folder / "kept", folder / "model.onnx"
    os.environ["TTSOPT_INT8_FOLDER"] = str(kept)
    import_module("graph").write_graph(str(model), 128, 2, 2)

    def opened(path: Path = model) -> Any:
        options = {"providers": ["CPUExecutionProvider"]}
        return helper.session_in_int8(ort.InferenceSession, str(path), **options)

    whole = ids(ort.InferenceSession(str(model), providers=["CPUExecutionProvider"]))
    found: dict[str, Any] = {"whole": model.stat().st_size}
    first, again = ids(opened()), ids(opened())
    found |= {"copies": copies(kept), "same again": first == again}
    found["equal"] = sum(a == b for a, b in zip(whole, first, strict=True)) / len(whole)
    os.environ["TTSOPT_INT8_SESSION"] = "0"
    found["off"] = ids(opened()) == whole
    del os.environ["TTSOPT_INT8_SESSION"]
    found["fallbacks"] = fallbacks(helper, ort, opened, kept, whole)
    stale = kept / "left.part"
    stale.touch()
    os.utime(stale, (0, 0))
    for number in range(4):
        other = folder / f"{number}.onnx"
        other.write_bytes(model.read_bytes())
        opened(other)
    return found | {"bounded": len(copies(kept)), "said": len(helper.__ttsopt_fallbacks__)}


def fallbacks(
    helper: Any, ort: Any, opened: Callable[[], Any], kept: Path, whole: list[int]
) -> dict[str, list[Any]]:
    """By cause: if the model itself was opened, and what was said."""
    found = {}
    spoilt: dict[str, Callable[[], object]] = {
        "damaged": lambda: next(kept.glob("*.onnx")).write_bytes(b"no model"),
        "no folder": lambda: os.environ.update(TTSOPT_INT8_FOLDER=str(kept.parent / "model.onnx")),
        "a GPU": lambda: setattr(ort, "get_available_providers", lambda: ["CUDAExecutionProvider"]),
    }
    for name, spoil in spoilt.items():
        spoil()
        said = len(helper.__ttsopt_fallbacks__)
        found[name] = [ids(opened()) == whole, helper.__ttsopt_fallbacks__[said:]]
        os.environ["TTSOPT_INT8_FOLDER"] = str(kept)
    ort.get_available_providers = lambda: ["CPUExecutionProvider"]
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))))
