from .ttsopt_flow_graphs import graph_flow
import torch


class IndexTTS2:
    def __init__(self, model_dir, device="cpu"):
        self.gpt = open_gpt(model_dir).to(device)
        self.gpt.eval()
        self.bigvgan = open_bigvgan(model_dir).to(device)
        self.bigvgan.eval()
        graph_flow(self.s2mel)
        self.cache = None

    def infer(self, text):
        return self.bigvgan(self.gpt(text))
