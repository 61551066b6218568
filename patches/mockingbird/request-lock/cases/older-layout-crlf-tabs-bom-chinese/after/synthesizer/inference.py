"""说话。"""
from .ttsopt_request_lock import one_call_at_a_time
import numpy as np
from synthesizer.models.tacotron import Tacotron


class Synthesizer:
	def __init__(self, path):
		self._model = Tacotron(path)

	@one_call_at_a_time
	def synthesize_spectrograms(self, texts, embeddings):
		return [self._model.generate(text) for text in texts]
