import torch


class CosyVoiceModel:
    def load(self, llm_model, flow_model, hift_model):
        self.llm.load_state_dict(torch.load(llm_model))
        self.llm.to(self.device).eval()
        self.flow.to(self.device).eval()
        self.hift.to(self.device).eval()

    def load_jit(self, encoder):
        self.flow.encoder = torch.jit.load(encoder)


class CosyVoice2Model:
    def load(self, llm_model, flow_model, hift_model):
        self.llm.load_state_dict(torch.load(llm_model))
        self.llm.to(self.device).eval()
        self.flow.to(self.device).eval()
        self.hift.to(self.device).eval()

    def load_jit(self, encoder):
        self.flow.encoder = torch.jit.load(encoder)
