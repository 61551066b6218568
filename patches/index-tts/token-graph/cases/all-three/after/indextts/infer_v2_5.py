from .ttsopt_index_tts_token_graphs import graph_gpt
import torch


class IndexTTS2:
    def __init__(self, model_dir, device="cpu"):
        self.gpt = open_gpt(model_dir).to(device)
        self.gpt.eval()
        self.bigvgan = open_bigvgan(model_dir).to(device)
        self.bigvgan.eval()
        graph_gpt(self.gpt)
        self.cache = None

    def infer(self, text):
        return self.bigvgan(self.gpt(text))
