"""Text and a reference voice to a waveform."""

import torch

from f5_tts.model.utils import pause

target_rms = 0.1
speed = 1.0


def infer_process(reference, text, model, speed=speed):
    parts = text.split(". ")
    return infer_batch_process(reference, parts, model, speed=speed)


def infer_batch_process(
    reference,
    parts,
    model,
    steps=16,
    speed=1,
):
    waves = [model.sample(reference, part, steps=steps) for part in parts]
    return pause(torch.cat(waves), speed)
