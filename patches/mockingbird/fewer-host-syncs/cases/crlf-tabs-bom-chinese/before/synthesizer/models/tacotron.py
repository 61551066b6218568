import torch
from torch import nn


class Decoder(nn.Module):
	max_r = 20

	def forward(self, x, prenet_in):
		mels = self.mel_proj(x).view(x.size(0), self.n_mels, self.max_r)[:, :, :self.r]
		return mels, torch.sigmoid(self.stop_proj(x))


class Tacotron(nn.Module):
	@property
	def r(self):
		return self.decoder.r.item()

	@r.setter
	def r(self, value):
		self.decoder.r = self.decoder.r.new_tensor(value, requires_grad=False)

	def forward(self, x, m):
		_, _, steps = m.size()
		mel_outputs, attn_scores, stop_outputs = [], [], []
		for t in range(0, steps, self.r):
			mel_frames, stop_tokens = self.decoder(x, m[:, :, t - 1])
			mel_outputs.append(mel_frames)
			stop_outputs.extend([stop_tokens] * self.r)
		return torch.cat(mel_outputs, dim=2)

	def generate(self, x, steps=2000):
		self.eval()
		mel_outputs, attn_scores, stop_outputs = [], [], []
		for t in range(0, steps, self.r):
			mel_frames, stop_tokens = self.decoder(x, mel_outputs[-1][:, :, -1] if t > 0 else x)
			mel_outputs.append(mel_frames)
			stop_outputs.extend([stop_tokens] * self.r)
			# 所有文本都结束了
			if (stop_tokens > 0.5).all() and t > 10: break
		self.train()
		return torch.cat(mel_outputs, dim=2)
