import torch


class CosyVoiceFrontEnd:
	def __init__(self):
		self.device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')  # 设备
		self.provider = 'CUDA' if torch.cuda.is_available() else 'CPU'
