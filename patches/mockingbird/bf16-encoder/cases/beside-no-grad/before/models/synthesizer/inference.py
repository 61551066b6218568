import torch


class Synthesizer:
    def synthesize_spectrograms(self, texts):
        return [self._model.generate(text) for text in texts]
