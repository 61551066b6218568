from .ttsopt_fused_cfm import fuse_cfm
import torch


class TTS_Config:
	pass


class TTS:
	def init_vits_weights(self, path):
		vits_model = load(path)  # 加载
		vits_model = vits_model.to(self.configs.device)
		vits_model = vits_model.eval()

		self.vits_model = vits_model
		fuse_cfm(self.vits_model)
		if self.configs.is_half and str(self.configs.device) != "cpu":
			self.vits_model = self.vits_model.half()
