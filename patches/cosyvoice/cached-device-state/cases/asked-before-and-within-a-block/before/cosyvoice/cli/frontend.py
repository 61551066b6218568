import logging
import torch


class CosyVoiceFrontEnd:

    def __init__(self, get_tokenizer, device=None):
        if not torch.cuda.is_available():
            logging.warning('no GPU')
        self.tokenizer = get_tokenizer()
        self.device = device
        if device is None:
            self.device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')
        self.provider = 'CUDA' if torch.cuda.is_available() else 'CPU'
