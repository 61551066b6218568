"""Random weights, in files as upstream publishes them."""

from __future__ import annotations

import functools
import importlib
import os

import _ttsopt_randomness as randomness
import _ttsopt_stubs as stubs
import _ttsopt_workload_checkout as checkout

VOCOS = {"tiny": (64, 128, 2), "real": (512, 1536, 8)}  # dim, intermediate_dim, num_layers
VOCOS_YAML = """\
feature_extractor:
  class_path: vocos.feature_extractors.MelSpectrogramFeatures
  init_args: {sample_rate: 24000, n_fft: 1024, hop_length: 256, n_mels: 100, padding: center}
backbone:
  class_path: vocos.models.VocosBackbone
  init_args: {input_channels: 100, dim: %d, intermediate_dim: %d, num_layers: %d}
head:
  class_path: vocos.heads.ISTFTHead
  init_args: {dim: %d, n_fft: 1024, hop_length: 256, padding: center}
"""


def write_weights(job, folder):
    """The vocoder's, and the checkpoint of the checkout's own model: what is not there yet."""
    os.makedirs(os.path.join(folder, "vocos"), exist_ok=True)
    for name, write in (
        ("vocos/config.yaml", functools.partial(_write_vocos_config, size=job["size"])),
        ("vocos/pytorch_model.bin", _write_vocos_weights),
        ("model.safetensors", functools.partial(_write_checkpoint, job=job)),
    ):
        stubs.write_once(os.path.join(folder, name), write)


def _write_vocos_config(path, size):
    dim, intermediate, layers = VOCOS[size]
    with open(path, "w", encoding="utf-8") as file:
        file.write(VOCOS_YAML % (dim, intermediate, layers, dim))


def _write_vocos_weights(path):
    import torch
    from vocos import Vocos

    torch.manual_seed(0)
    config = os.path.join(os.path.dirname(path), "config.yaml")
    torch.save(Vocos.from_hparams(config).state_dict(), path)


def _write_checkpoint(path, job):
    """Random weights of the very model that the checkout builds.

    The checkout's own load_model builds it; only the reading of the checkpoint is replaced, by
    writing one. Zero-initialised weights (AdaLN, proj_out) would make every output 0.
    """
    import torch
    from safetensors.torch import save_file

    utils_infer = importlib.import_module("f5_tts.infer.utils_infer")
    read = utils_infer.load_checkpoint

    def write(model, *_, **__):
        randomness.without_zeros(model)
        state = {"ema_model." + name: x.contiguous() for name, x in model.state_dict().items()}
        save_file(state, path)
        return model

    torch.manual_seed(0)
    utils_infer.load_checkpoint = write
    try:
        checkout.build(job, os.path.dirname(path))
    finally:
        utils_infer.load_checkpoint = read
