"""The checkout's own F5TTS, by whatever names its release has for things, and the folder of its weights."""

from __future__ import annotations

import importlib
import inspect
import os

import _ttsopt_stubs as stubs
from _ttsopt_refusal import UnsupportedCheckoutError

# What every release since 0.6.2 accepts; the DiT takes 99 % of the time all the same.
TINY = {"dim": 256, "depth": 5, "heads": 4, "ff_mult": 2, "text_dim": 128, "conv_layers": 2}


def build(job, folder):
    """The checkout's F5TTS, by whatever names this release has for its parameters."""
    api = _api()
    accepted = inspect.signature(api.F5TTS.__init__).parameters
    vocoder = "vocoder_local_path" if "vocoder_local_path" in accepted else "local_path"
    if vocoder not in accepted or not hasattr(api, "load_model"):
        raise UnsupportedCheckoutError(
            "F5TTS of this checkout takes no local vocoder: F5-TTS 0.6.2 or newer is needed"
        )
    options = {"ckpt_file": checkpoint(folder), vocoder: os.path.join(folder, "vocos")}
    tiny = job["weights"] == "random" and job["size"] == "tiny"
    if tiny:
        _shrink(api)
    if "model" in accepted:
        # 1.0.0 knows no v1 ("Unknown model type"); the dimensions of tiny are given above.
        options["model"] = "F5TTS_Base" if tiny else "F5TTS_v1_Base"
    if job["weights"] != "random":
        options["vocab_file"] = os.path.join(folder, "vocab.txt")
    return api.F5TTS(**options)


def serve(job, folder):
    """Have what infer_gradio.py imports load a folder's files: transformer, vocoder and, of real ones, words."""
    utils = importlib.import_module("f5_tts.infer.utils_infer")
    load_model, load_vocoder = utils.load_model, utils.load_vocoder
    is_random = job["weights"] == "random"

    def load_own_model(model_class, dimensions, _, *rest, **options):
        if is_random and job["size"] == "tiny":
            dimensions = dict(TINY)
        elif not is_random:
            options["vocab_file"] = os.path.join(folder, "vocab.txt")
        return load_model(model_class, dimensions, checkpoint(folder), *rest, **options)

    def load_own_vocoder(*_, **__):
        return load_vocoder("vocos", True, os.path.join(folder, "vocos"))

    utils.load_model, utils.load_vocoder = load_own_model, load_own_vocoder
    importlib.import_module("cached_path").cached_path = lambda *_, **__: folder


def _api():
    """f5_tts.api of the view."""
    try:
        return importlib.import_module("f5_tts.api")
    except ModuleNotFoundError as error:
        if error.name not in ("f5_tts", "f5_tts.api"):
            raise
        raise UnsupportedCheckoutError(
            "this checkout has no f5_tts/api.py: F5-TTS 0.6.2 or newer is needed"
        ) from None


def _shrink(api):
    """Have load_model build the tiny transformer, whatever dimensions it is asked for."""
    load_model = api.load_model

    def load_tiny_model(model_class, _, *rest, **options):
        return load_model(model_class, dict(TINY), *rest, **options)

    api.load_model = load_tiny_model


def checkpoint(folder):
    """The model file of a folder of weights."""
    for name in ("model.safetensors", "model.pt"):
        if os.path.exists(os.path.join(folder, name)):
            return os.path.join(folder, name)
    return os.path.join(folder, "model.safetensors")  # of `prepare`, which is about to write it


def folder(job):
    """Where the weights are."""
    return stubs.weights_folder(job, "f5-tts-" + job["size"])
