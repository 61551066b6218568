from .ttsopt_snake import fuse_snakes
import torch


class IndexTTS2:
    def __init__(self, model_dir, device="cpu"):
        self.gpt = open_gpt(model_dir).to(device)
        self.gpt.eval()
        self.bigvgan = open_bigvgan(model_dir).to(device)
        self.bigvgan.eval()
        fuse_snakes(self.bigvgan)
        self.cache = None

    def infer(self, text):
        return self.bigvgan(self.gpt(text))
