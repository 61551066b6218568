import torch


def embed_utterance(wave):
    return wave
