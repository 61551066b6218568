import torch


class Synthesizer:
    @torch.no_grad()
    def synthesize_spectrograms(self, texts):
        return [self._model.generate(text) for text in texts]
