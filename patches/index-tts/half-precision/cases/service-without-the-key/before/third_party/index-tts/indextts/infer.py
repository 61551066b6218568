import torch


class IndexTTS:
    def __init__(self, path, use_fp16=True, device=None):
        self.device = device or "cpu"

