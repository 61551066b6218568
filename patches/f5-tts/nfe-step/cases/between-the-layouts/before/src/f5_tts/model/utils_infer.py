import os

import torch
import torchaudio

from f5_tts.model import CFM

nfe_step = 32


def infer_process(text, nfe_step=nfe_step):
    return infer_batch_process([text], nfe_step=nfe_step)


def infer_batch_process(
    texts,
    nfe_step=32,
):
    return torch.cat([CFM().sample(text, steps=nfe_step) for text in texts])
