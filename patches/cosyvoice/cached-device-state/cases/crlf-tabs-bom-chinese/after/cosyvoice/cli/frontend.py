from functools import lru_cache
import torch
_cuda_is_available = lru_cache(maxsize=None)(torch.cuda.is_available)


class CosyVoiceFrontEnd:
	def __init__(self):
		self.device = torch.device('cuda' if _cuda_is_available() else 'cpu')  # 设备
		self.provider = 'CUDA' if _cuda_is_available() else 'CPU'
