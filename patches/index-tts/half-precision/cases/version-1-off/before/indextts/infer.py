import torch


class IndexTTS:
    def __init__(self, path, is_fp16=False, device=None):
        self.device = device or "cpu"

