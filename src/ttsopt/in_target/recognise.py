"""Writes down what FunASR or faster-whisper hears in sounds.

    PYTHON /abs/in_target/recognise.py CONTROL_DIR

Run by path in an interpreter that has the library (docs/results/recognisers.md), Python 3.8+, standard library
only at import. Messages are files of CONTROL_DIR (see worker.py). A model is a folder, and nothing is downloaded;
but FunASR downloads one that is named, such as `paraformer-zh`, at the first use.

request.json
    {"protocol": 2, "library": "funasr" or "faster-whisper", "model": abs folder, or a name of FunASR's,
     "threads": 4, "sounds": [{"id": "short", "file": abs path of a 1-D float32 .npy, "sample_rate": Hz,
     "language": "zh", or null: the library finds out}]}
result.json
    {"protocol": 2, "ok": true, "texts": {id: text}}
    {"protocol": 2, "ok": false, "error": class, "message", "missing_module": name or null}    and exit code 1
"""

from __future__ import annotations

import importlib.util
import io
import json
import os
import runpy
import sys
import traceback
import wave
from typing import Any, Callable, Dict

PROTOCOL = 2
HERE = os.path.realpath(os.path.dirname(__file__))
SHORTEST = 0.1  # seconds; there is nothing to hear in less, and libraries fail at it
# Whisper writes Chinese in the characters of what went before: these are simplified ones.
SIMPLIFIED = "以下是普通话的句子。"

Hear = Callable[[Dict[str, Any]], str]


class NoModelError(Exception):
    """The library has no model with trained weights: FunASR would go on with random ones and a word about it."""


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
    hear = LIBRARIES[request["library"]](request["model"], request["threads"])
    return {row["id"]: hear(row) for row in request["sounds"]}


def load_funasr(name: str, threads: int) -> Hear:
    """A model of FunASR, on a GPU where torch sees one.

    Raises:
        NoModelError: It cannot be loaded, or has no weights.
    """
    if importlib.util.find_spec("torchaudio"):
        runpy.run_path(os.path.join(HERE, "stubs.py"))["import_torchaudio"]()
    from funasr import AutoModel  # type: ignore[import-not-found]

    try:
        model = AutoModel(model=name, ncpu=threads, disable_update=True, disable_pbar=True)
    except Exception as error:
        if is_missing(error):
            raise
        raise NoModelError("%s: %s" % (type(error).__name__, error)) from error
    weights = model.kwargs.get("init_param")
    if not weights or not os.path.exists(weights):
        raise NoModelError("FunASR loaded no weights for %s (init_param: %r)" % (name, weights))

    def hear(row: Dict[str, Any]) -> str:
        """FunASR resamples an array by `fs`; a path it would decode by other libraries."""
        samples = read(row)
        if len(samples) < SHORTEST * row["sample_rate"]:
            return ""
        heard = model.generate(input=samples, fs=row["sample_rate"])
        return " ".join(one["text"] for one in heard)

    return hear


def load_whisper(folder: str, threads: int) -> Hear:
    """A Whisper model in CTranslate2's format, on the CPU, where it hears the same on every machine.

    Raises:
        NoModelError: It cannot be loaded.
    """
    from faster_whisper import WhisperModel  # type: ignore[import-not-found]

    try:
        model = WhisperModel(folder, device="cpu", cpu_threads=threads, local_files_only=True)
    except Exception as error:
        if is_missing(error):
            raise
        raise NoModelError("%s: %s" % (type(error).__name__, error)) from error

    def hear(row: Dict[str, Any]) -> str:
        """Without a temperature, which would draw at random, and each sound by itself."""
        samples = read(row)
        if len(samples) < SHORTEST * row["sample_rate"]:
            return ""
        segments, _ = model.transcribe(
            as_wav(samples, row["sample_rate"]),
            language=row["language"],
            beam_size=5,
            temperature=0.0,
            condition_on_previous_text=False,
            initial_prompt=SIMPLIFIED if row["language"] == "zh" else None,
        )
        return "".join(segment.text for segment in segments)

    return hear


def read(row: Dict[str, Any]) -> Any:
    """The samples of a sound, float32."""
    import numpy as np

    return np.load(row["file"], allow_pickle=False)


def as_wav(samples: Any, sample_rate: int) -> io.BytesIO:
    """Samples as a 16-bit WAV, which the library resamples itself; what is not finite becomes 0."""
    import numpy as np

    values = np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0).clip(-1, 1)
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setparams((1, 2, sample_rate, 0, "NONE", ""))
        file.writeframes((values * 32767).round().astype("<i2").tobytes())
    made.seek(0)
    return made


LIBRARIES = {"funasr": load_funasr, "faster-whisper": load_whisper}

if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004
        sys.exit("usage: recognise.py CONTROL_DIR")
    runpy.run_path(os.path.join(HERE, "lifeline.py"))["hold"]()
    code = main(sys.argv[1])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # a library that hangs or crashes at exit must not take the answer with it
