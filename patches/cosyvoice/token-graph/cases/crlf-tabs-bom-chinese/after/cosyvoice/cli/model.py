from .ttsopt_cosyvoice_token_graphs import graph_language_model
import torch  # 语音


class CosyVoiceModel:
	def load(self, llm_model, flow_model, hift_model):
		self.llm.load_state_dict(torch.load(llm_model))
		self.llm.to(self.device).eval()
		self.flow.to(self.device).eval()
		self.hift.to(self.device).eval()
		graph_language_model(self.llm)

	def load_jit(self, encoder):
		self.flow.encoder = torch.jit.load(encoder)


class CosyVoice2Model(CosyVoiceModel):
	stream = True
