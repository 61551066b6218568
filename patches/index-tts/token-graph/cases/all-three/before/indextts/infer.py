import torch


class IndexTTS:
    def __init__(self, model_dir, device="cpu"):
        self.gpt = open_gpt(model_dir).to(device)
        self.gpt.eval()
        self.bigvgan = open_bigvgan(model_dir).to(device)
        self.bigvgan.eval()
        self.cache = None

    def infer(self, text):
        return self.bigvgan(self.gpt(text))
