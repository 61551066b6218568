import torch
from torch import nn


class UnifiedVoice(nn.Module):
	def get_conditioning(self, speech_conditioning_input, cond_mel_lengths=None):
		encoded, mask = self.conditioning_encoder(speech_conditioning_input.transpose(1, 2), cond_mel_lengths)
		return self.perceiver_encoder(encoded, mask)  # 三十二个向量

	def inference_speech(self, speech_conditioning_mel, text_inputs, cond_mel_lengths=None):
		return self.get_conditioning(speech_conditioning_mel, cond_mel_lengths)
