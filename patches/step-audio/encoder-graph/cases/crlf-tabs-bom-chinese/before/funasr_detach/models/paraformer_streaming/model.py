import time

import torch


class ParaformerStreaming(torch.nn.Module):
	def __init__(self, *args, **kwargs):
		super().__init__(*args, **kwargs)
		self.scama_mask = None

	def infer_encoder(self, data_in, key=None, frontend=None, cache={}, **kwargs):
		stride = int(kwargs["chunk_size"][1] * 960)
		audio = torch.cat((cache["prev_samples"], data_in[0]))
		n = len(audio) // stride + int(kwargs["is_final"])
		encoder_outs = []
		for i in range(n):
			kwargs["is_final"] = i == n - 1
			speech, speech_lengths = self.features(audio[i * stride : (i + 1) * stride], frontend)
			speech = speech.to(device=kwargs["device"])
			encoder_out, encoder_out_lens = self.encode_chunk(
				speech,
				speech_lengths,
				cache=cache,
				is_final=kwargs.get("is_final", False),
			)
			encoder_outs.append(encoder_out[:, (-speech_lengths[0]) :])
		speech_out = []  # 输出
		if len(encoder_outs) > 0:
			speech_out = torch.cat(encoder_outs, dim=1)
		return [{"key": key[0], "enc_out": speech_out}], {}, cache
