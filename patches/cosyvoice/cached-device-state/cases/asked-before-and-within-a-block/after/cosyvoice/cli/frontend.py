from functools import lru_cache
import logging
import torch
_cuda_is_available = lru_cache(maxsize=None)(torch.cuda.is_available)


class CosyVoiceFrontEnd:

    def __init__(self, get_tokenizer, device=None):
        if not _cuda_is_available():
            logging.warning('no GPU')
        self.tokenizer = get_tokenizer()
        self.device = device
        if device is None:
            self.device = torch.device('cuda' if _cuda_is_available() else 'cpu')
        self.provider = 'CUDA' if _cuda_is_available() else 'CPU'
