import torch


class IndexTTS:
    def __init__(self, path,  device=None):
        self.device = device or "cpu"

