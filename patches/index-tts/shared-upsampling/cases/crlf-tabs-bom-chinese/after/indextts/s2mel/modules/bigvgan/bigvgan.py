from .ttsopt_shared_upsampling import activated, share_upsampling
import torch
from torch import nn

from .act import Activation1d


class AMPBlock1(nn.Module):
	def forward(self, x):
		acts1, acts2 = self.activations[::2], self.activations[1::2]
		for c1, c2, a1, a2 in zip(self.convs1, self.convs2, acts1, acts2):
			# 上采样只做一次
			xt = activated(a1, x)
			xt = c1(xt)
			xt = a2(xt)
			xt = c2(xt)
			x = xt + x
		return x


class AMPBlock2(nn.Module):
	def forward(self, x):
		for c, a in zip(self.convs, self.activations):
			x = c(a(x)) + x
		return x


class BigVGAN(nn.Module):
	def forward(self, x):
		for i in range(self.num_upsamples):
			for up in self.ups[i]:
				x = up(x)
			# AMP blocks
			share_upsampling(x)
			xs = None
			for j in range(self.num_kernels):
				if xs is None:
					xs = self.resblocks[i * self.num_kernels + j](x)
				else:
					xs += self.resblocks[i * self.num_kernels + j](x)
			x = xs / self.num_kernels
		return torch.tanh(self.conv_post(self.activation_post(x)))
