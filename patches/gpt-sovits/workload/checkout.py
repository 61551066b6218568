"""Which model the checkout chooses, and the folder of its weights."""

from __future__ import annotations

import os

import _ttsopt_stubs as stubs
from _ttsopt_refusal import UnsupportedCheckoutError

CONFIG = "GPT_SoVITS/configs/tts_infer.yaml"
VERSION = "TTSOPT_GPT_SOVITS"
VERSIONS = ("v1", "v2", "v2Pro", "v2ProPlus", "v3", "v4")
PRETRAINED = "GPT_SoVITS/pretrained_models"
PATHS = ("t2s_weights_path", "vits_weights_path", "cnhuhbert_base_path", "bert_base_path")
SPEAKER = "sv/pretrained_eres2netv2w24s4ep4.ckpt"  # in PRETRAINED
NEEDED = "GPT-SoVITS 20240821v2 or newer is needed"


def config(job):
    """The view's tts_infer.yaml, with the version that the environment chooses."""
    import yaml

    path = os.path.join(job["view"], CONFIG)
    try:
        with open(path, encoding="utf-8") as file:
            config = yaml.safe_load(file)
        config["custom"].setdefault("version", "v2")
    except (FileNotFoundError, KeyError) as error:
        message = "no %s with a section `custom` (%r): %s" % (CONFIG, error, NEEDED)
        raise UnsupportedCheckoutError(message) from None
    return _of_version(config, os.environ.get(VERSION), job["weights"])


def _of_version(config, version, weights):
    """The configuration with another version, and the weights that the file names for it."""
    if not version or version == config["custom"]["version"]:
        return config
    own = config.get(version, {})
    if version not in VERSIONS or not (own or weights == "random"):
        message = "%s=%s: it is one of %s, and with real weights %s names them under it"
        raise UnsupportedCheckoutError(message % (VERSION, version, ", ".join(VERSIONS), CONFIG))
    config["custom"].update({name: own[name] for name in PATHS if name in own}, version=version)
    return config


def folder(job):
    """Where the weights are."""
    name = "gpt-sovits-%s-%s" % (job["size"], config(job)["custom"]["version"])
    return stubs.weights_folder(job, name)
