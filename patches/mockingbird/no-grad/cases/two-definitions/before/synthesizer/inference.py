import torch
import numpy as np


class Synthesizer:
    def __init__(self, path):
        self.path = path
        self._model = None

    def load(self):
        self._model = torch.load(self.path)

    def synthesize_spectrograms(self, texts, embeddings, steps=2000):
        """Mel spectrograms, one a text."""
        if self._model is None:
            self.load()
        speakers = torch.tensor(np.stack(embeddings))
        _, mels, _ = self._model.generate(texts, speakers, steps=steps)
        return mels.detach().cpu().numpy()

    @staticmethod
    def griffin_lim(mel):
        return mel
