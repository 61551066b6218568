from indextts.ttsopt_cache_clears import clear_if_low
import torch


class IndexTTS:
    def __init__(self, device):
        self.device = device

    def torch_empty_cache(self):
        if "cuda" in self.device:
            torch.cuda.empty_cache()

    def infer_fast(self, text, **generation_kwargs):
        codes = [self.gpt(part) for part in text.split(".")]
        waves = torch.cat([self.vocoder(code) for code in codes])
        clear_if_low(self.torch_empty_cache, 0.1)
        return waves

    def infer(self, text):
        return self.vocoder(self.gpt(text))
