import torch


class CosyVoiceFrontEnd:
	def __init__(self):
		self._cuda_available = torch.cuda.is_available()
		self.device = torch.device('cuda' if self._cuda_available else 'cpu')  # 设备
		self.provider = 'CUDA' if self._cuda_available else 'CPU'
