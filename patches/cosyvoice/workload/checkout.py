"""Which CosyVoice a checkout has, which of them is asked for, and the folder of its weights."""

from __future__ import annotations

import importlib
import inspect
import os

import _ttsopt_stubs as stubs
from _ttsopt_refusal import UnsupportedCheckoutError

CLASSES = {1: "CosyVoice", 2: "CosyVoice2", 3: "CosyVoice3"}
CAUSAL = 3  # CosyVoice 3, whose vocoder is causal too


def classes():
    """The checkout's classes by number."""
    try:
        module = importlib.import_module("cosyvoice.cli.cosyvoice")
        accepted = inspect.signature(module.CosyVoice.inference_zero_shot).parameters
    except ModuleNotFoundError as error:
        if error.name != "ttsfrd":
            raise
        accepted = ()
    if "stream" not in accepted:
        raise UnsupportedCheckoutError(
            "this CosyVoice cannot stream yet: 20e0715 (2024-08-29) or newer is needed"
        )
    return {
        number: getattr(module, name) for number, name in CLASSES.items() if hasattr(module, name)
    }


def generation(job):
    """1, 2 or 3; UnsupportedCheckoutError where the checkout lacks its class."""
    if job["weights"] != "random":
        name = os.path.join(job["weights"], "speech_tokenizer_v%d.onnx")
        kept = [number for number in CLASSES if os.path.exists(name % number)]
        if not kept:
            raise FileNotFoundError(
                "%s holds no speech_tokenizer_v<n>.onnx of CosyVoice" % job["weights"]
            )
        wanted = kept[-1]
    else:
        wanted = int(os.environ.get("TTSOPT_COSYVOICE") or min(2, max(classes())))
    if wanted not in classes():
        raise UnsupportedCheckoutError(
            "this checkout has no CosyVoice %d, only %s" % (wanted, sorted(classes()))
        )
    return wanted


def folder(job):
    """Where the weights are."""
    return stubs.weights_folder(job, "cosyvoice%d-%s" % (generation(job), job["size"]))
