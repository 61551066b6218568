"""Speak."""
import numpy as np
from models.synthesizer.models.tacotron import Tacotron


class Synthesizer:
    def __init__(self, path):
        self._model = Tacotron(path)

    def synthesize_spectrograms(self, texts, embeddings):
        return [self._model.generate(text) for text in texts]
