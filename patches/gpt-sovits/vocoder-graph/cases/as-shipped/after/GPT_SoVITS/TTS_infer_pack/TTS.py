from .ttsopt_gpt_sovits_vocoder import in_chunks, vocoder_keys
from .ttsopt_vocoder_graphs import graph_vocoder
import torch
import yaml


class TTS_Config:
    def update_configs(self):
        self.config = {"version": self.version}
        self.config.update(vocoder_keys(self.configs))
        return self.config


class TTS:
    def init_vocoder(self, version):
        self.vocoder = open_vocoder(version)
        self.vocoder = self.vocoder.eval()
        graph_vocoder(self.vocoder)
        if self.configs.is_half == True:
            self.vocoder = self.vocoder.half().to(self.configs.device)
        else:
            self.vocoder = self.vocoder.to(self.configs.device)

    def using_vocoder_synthesis(self, tokens):
        mel = self.flow(tokens)
        return in_chunks(self.vocoder, mel, self.configs.configs)[0][0]
