import torch
import torch.nn as nn
from .base import Base


class Decoder(nn.Module):
	# of the class, as it is the same for all
	max_r = 20

	def __init__(self, n_mels, lstm_dims):
		super().__init__()
		self.register_buffer("r", torch.tensor(1, dtype=torch.int))
		self.n_mels = n_mels
		self.mel_proj = nn.Linear(lstm_dims, n_mels * self.max_r, bias=False)
		self.stop_proj = nn.Linear(lstm_dims, 1)

	def forward(self, x, prenet_in):
		batch_size = x.size(0)
		# 投影
		mels = self.mel_proj(x) # `[batch_size, 1600]`
		mels = mels.view(batch_size, self.n_mels, self.max_r)[:, :, :self.r] # `[batch_size, n_mels, r]`
		return mels, torch.sigmoid(self.stop_proj(x))
