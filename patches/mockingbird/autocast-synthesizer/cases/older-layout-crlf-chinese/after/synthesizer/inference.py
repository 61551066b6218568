# 中文
from .ttsopt_mockingbird_autocast import half_on_cuda
import torch


class Synthesizer:
	@half_on_cuda
	def synthesize_spectrograms(self, texts, embeddings):
		return [self._model.generate(text).detach().cpu().numpy() for text in texts]
