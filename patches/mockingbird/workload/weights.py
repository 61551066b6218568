"""Random models: the checkout builds its own, only the reading of a checkpoint is replaced by writing one."""

from __future__ import annotations

from pathlib import Path

import _ttsopt_workload_checkout as checkout


def write_encoder(encoder, path):
    """The speaker encoder, of the size that it has."""
    import torch

    model = encoder.SpeakerEncoder(torch.device("cpu"), torch.device("cpu"))
    torch.save({"step": 0, "model_state": model.state_dict()}, path)


def write_synthesizer(synthesis, path):
    """Tacotron, as its own loader builds it."""
    import torch

    def write(model, *_):
        model.r = model_r
        torch.save({"model_state": model.state_dict()}, path)

    model_r = synthesis.Synthesizer.hparams.tts_schedule[-1][0]  # frames a step, as training ends
    read, synthesis.Tacotron.load = synthesis.Tacotron.load, write
    try:
        synthesis.Synthesizer(Path(path)).load()
    finally:
        synthesis.Tacotron.load = read


def write_vocoder(vocoder, path):
    """HiFi-GAN, as its own loader builds it."""
    import torch

    def write(*_):
        state = {"generator": vocoder.generator.state_dict()}
        torch.save(state, path)
        return state

    read, vocoder.load_checkpoint = vocoder.load_checkpoint, write
    try:
        checkout.load_vocoder(vocoder, Path(path))
    finally:
        vocoder.load_checkpoint = read
