import torch
from models.synthesizer.models.tacotron import Tacotron
from .ttsopt_mockingbird_graphs import graph_decoder


class Synthesizer:
    def __init__(self, path):
        self.path = path
        self._model = None

    def load(self):
        self._model = Tacotron().to("cpu")
        self._model.load(self.path)  # 载入
        self._model.eval()
        graph_decoder(self._model.decoder)
        print(self._model.state_dict()["step"])

    def synthesize_spectrograms(self, texts):
        return [self._model.generate(text) for text in texts]
