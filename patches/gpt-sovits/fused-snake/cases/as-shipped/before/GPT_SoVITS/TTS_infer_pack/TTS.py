import torch


class TTS_Config:
    pass


class TTS:
    def init_vits_weights(self, path):
        vits_model = load(path)
        vits_model = vits_model.to(self.configs.device)
        vits_model = vits_model.eval()
        self.vits_model = vits_model

    def init_vocoder(self, version):
        self.vocoder = Generator(version)
        self.vocoder = self.vocoder.eval()
        if self.configs.is_half == True:
            self.vocoder = self.vocoder.half().to(self.configs.device)
        else:
            self.vocoder = self.vocoder.to(self.configs.device)
