import torch


class IndexTTS2:
    def __init__(self, model_dir="checkpoints", device=None, use_deepspeed=False):
        self.device = device or ("cuda:0" if torch.cuda.is_available() else "cpu")
        self.s2mel = build(model_dir)
