import torch


class TTS_Config:
    pass


class TTS:
    def init_vits_weights(self, path):
        vits_model = load(path)
        vits_model = vits_model.to(self.configs.device)
        vits_model = vits_model.eval()
        self.net_g = vits_model
