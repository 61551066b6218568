import torch


def pick():
    return torch.cuda.is_available()


class CosyVoiceFrontEnd:

    def __init__(self):
        self.device = pick()

    def reset(self):
        self.device = 'cuda' if torch.cuda.is_available() else 'cpu'
