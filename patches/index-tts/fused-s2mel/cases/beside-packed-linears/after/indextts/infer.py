from .ttsopt_packed_linears import pack_linears
import torch


class IndexTTS:
    def __init__(self, model_dir, device="cpu"):
        self.gpt = open_gpt(model_dir).to(device)
        self.gpt.eval()
        self.bigvgan = open_bigvgan(model_dir).to(device)
        self.bigvgan.eval()
        pack_linears(self.gpt)
        self.cache = None

    def infer(self, text):
        return self.bigvgan(self.gpt(text))
