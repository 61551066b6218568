from .ttsopt_fused_s2mel import fuse_s2mel
from .ttsopt_packed_linears import pack_linears
import torch


class IndexTTS2:
    def __init__(self, model_dir, device="cpu"):
        self.gpt = open_gpt(model_dir).to(device)
        self.gpt.eval()
        self.bigvgan = open_bigvgan(model_dir).to(device)
        self.bigvgan.eval()
        fuse_s2mel(self.s2mel)
        pack_linears(self.gpt, self.semantic_model, self.semantic_codec, self.s2mel)
        self.cache = None

    def infer(self, text):
        return self.bigvgan(self.gpt(text))
