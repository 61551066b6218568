"""Which class of IndexTTS speaks, and the folder of its weights."""

from __future__ import annotations

import inspect
import os

import _ttsopt_stubs as stubs
from _ttsopt_refusal import UnsupportedCheckoutError

# Module, class, tokens of speech a second: 24000 / 1024 Hz; 22050 / 256 / 1.72 Hz, and half of it.
VERSIONS = {
    "1": ("indextts.infer", "IndexTTS", 23.44),
    "2": ("indextts.infer_v2", "IndexTTS2", 50.08),
    "2.5": ("indextts.infer_v2_5", "IndexTTS2", 25.04),
}


def version(job):
    """The key of VERSIONS that speaks."""
    if job["weights"] != "random":
        import yaml

        with open(os.path.join(job["weights"], "config.yaml"), encoding="utf-8") as file:
            number = float(yaml.safe_load(file).get("version", 1))
        return "1" if number < 2 else "2" if number < 2.5 else "2.5"  # noqa: PLR2004
    held = [
        version for version in VERSIONS if os.path.exists(os.path.join(job["view"], _path(version)))
    ]
    asked = os.environ.get("TTSOPT_INDEX_TTS")
    if asked in held:
        return asked
    planned = {os.path.basename(row["path"]) for row in job.get("files", ())}
    touched = [version for version in held if os.path.basename(_path(version)) in planned]
    if not held:
        raise UnsupportedCheckoutError("this checkout has no indextts/infer.py")
    return (touched or held)[-1]


def _path(version):
    return VERSIONS[version][0].replace(".", "/") + ".py"


def folder(job):
    """Where the weights are."""
    return stubs.weights_folder(job, "index-tts-%s-%s" % (version(job), job["size"]))


def accepts(owner, name, method="__init__"):
    """Return True if a method has a parameter of this name."""
    return name in inspect.signature(getattr(owner, method)).parameters
