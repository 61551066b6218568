"""Text and a reference voice to a waveform."""

import torch

from f5_tts.model.utils import pause

target_rms = 0.1
nfe_step = 32  # function evaluations
speed = 1.0


def infer_process(reference, text, model, nfe_step=nfe_step, speed=speed):
    parts = text.split(". ")
    return infer_batch_process(reference, parts, model, nfe_step=nfe_step, speed=speed)


def infer_batch_process(
    reference,
    parts,
    model,
    nfe_step=32,
    speed=1,
):
    waves = [model.sample(reference, part, steps=nfe_step) for part in parts]
    return pause(torch.cat(waves), speed)
