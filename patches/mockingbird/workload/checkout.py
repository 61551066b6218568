"""The checkout's own modules and loaders, in both layouts."""

from __future__ import annotations

import importlib
import inspect
import os
from pathlib import Path

from _ttsopt_refusal import UnsupportedCheckoutError

# encoder, synthesizer, vocoder: since 74a3fc9 (2022-12-03), since 32b9755 (2021-09-12), before.
LAYOUTS = (
    (
        "models.encoder.inference",
        "models.synthesizer.inference",
        "models.vocoder.hifigan.inference",
    ),
    ("encoder.inference", "synthesizer.inference", "vocoder.hifigan.inference"),
    ("encoder.inference", "synthesizer.inference", "hifigan.inference"),
)
# tts_encoder_dims stays: in October 2021 a style of fixed size is added to what it and the embedding make up.
TINY = {
    "tts_embed_dims": 128,
    "tts_decoder_dims": 64,
    "tts_postnet_dims": 128,
    "tts_lstm_dims": 256,
}
TINY_CHANNELS = 64


def modules(job):
    """The inference modules of the view (encoder, synthesizer, vocoder), of the size asked for."""
    for names in LAYOUTS:
        if all(
            os.path.exists(os.path.join(job["view"], name.replace(".", "/") + ".py"))
            for name in names
        ):
            break
    else:
        raise UnsupportedCheckoutError(
            "this checkout has no inference.py of a speaker encoder, a synthesizer and HiFi-GAN: MockingBird of "
            "7 September 2021 (8195a55) or newer is needed"
        )
    encoder, synthesis, vocoder = map(_import, names)
    if job["weights"] == "random" and job["size"] == "tiny":
        for name, value in TINY.items():
            setattr(synthesis.Synthesizer.hparams, name, value)
        _shrink(vocoder)
    return encoder, synthesis, vocoder


def _import(name):
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != "imp":
            raise
        raise UnsupportedCheckoutError(
            "this checkout imports `imp`, which Python 3.12 took out: Python 3.11 or older is needed"
        ) from None


def _shrink(vocoder):
    """Have load_model build a narrow Generator: no version of 2021 can be told of another configuration."""
    generator = vocoder.Generator

    def narrow(configuration):
        configuration.update(upsample_initial_channel=TINY_CHANNELS)
        return generator(configuration)

    vocoder.Generator = narrow


def load_vocoder(vocoder, path):
    """The checkout's load_model; told of a configuration where it can be (since b617a87, 2022-03-03).

    What it takes for itself is not there in every version: ./vocoder/hifigan/... in one that has models/vocoder.
    """
    options = {}
    if "config_fpath" in inspect.signature(vocoder.load_model).parameters:
        own = Path(vocoder.__file__).with_name("config_16k_.json")
        options["config_fpath"] = next(iter(sorted(path.parent.rglob("*.json"))), own)
    vocoder.load_model(path, **options)
