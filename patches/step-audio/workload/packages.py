"""Stubs for packages, and for a GPU where there is none."""

from __future__ import annotations

import importlib
import sys
import types

import _ttsopt_stubs as stubs

NO_CUDA_PROVIDER = "ONNX Runtime's CPUExecutionProvider for the CUDAExecutionProvider asked for"
NO_GPU = "Module.cuda and Tensor.cuda: without effect, for there is no CUDA device"
# funasr_detach imports all of its modules and passes over those that fail: a missing package would
# show only as "'NoneType' object is not callable". Importing these once more names it.
PARTS = (
    "funasr_detach.models.paraformer_streaming.model",
    "funasr_detach.models.paraformer.decoder",
    "funasr_detach.models.paraformer.cif_predictor",
    "funasr_detach.models.scama.encoder",
    "funasr_detach.frontends.wav_frontend",
    "funasr_detach.tokenizer.char_tokenizer",
)


def install_stubs():
    """Put the stubs where the checkout's imports find them.

    Returns the sentences of those that depend on the machine.
    """
    for name in ("funasr", "sox"):
        sys.modules.setdefault(name, types.ModuleType(name))
    torchaudio = stubs.import_torchaudio()
    torchaudio.load, torchaudio.save = stubs.load_audio, stubs.save_audio
    for name in PARTS:
        importlib.import_module(name)
    return _without_gpu() + _without_cuda_provider()


def _without_gpu():
    """Return what `infer_encoder` does with a device, without effect where there is none."""
    import torch

    if torch.cuda.is_available():
        return ()
    torch.nn.Module.cuda = torch.Tensor.cuda = lambda self, *_, **__: self
    auto_model = importlib.import_module("funasr_detach").AutoModel
    if not hasattr(auto_model, "on_its_device"):
        auto_model.on_its_device = infer_encoder = auto_model.infer_encoder
        # get_vq02_code asks for device=0
        auto_model.infer_encoder = lambda self, input, **options: infer_encoder(  # noqa: A006
            self, input, **dict(options, device="cpu")
        )
    return (NO_GPU,)


def _without_cuda_provider():
    """CPUExecutionProvider where the one asked for is not in this build of ONNX Runtime."""
    import onnxruntime

    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        return ()
    session = onnxruntime.InferenceSession
    if getattr(session, "__name__", "") != "on_cpu":

        def on_cpu(*arguments, **options):
            return session(*arguments, **dict(options, providers=["CPUExecutionProvider"]))

        onnxruntime.InferenceSession = on_cpu
    return (NO_CUDA_PROVIDER,)
