"""Speaker embeddings."""
from .ttsopt_recurrent import quick_embedding
from models.encoder.params import *
import numpy as np
import torch

_model = None


def embed_frames_batch(frames_batch):
    if _model is None:
        raise Exception("Model was not loaded.")

    frames = torch.from_numpy(frames_batch).to(_device)  # 帧
    embed = quick_embedding(_model, frames).cpu().numpy()
    return embed


def embed_utterance(wave):
    parts = embed_frames_batch(np.stack([wave, wave]))
    return np.mean(parts, axis=0)
