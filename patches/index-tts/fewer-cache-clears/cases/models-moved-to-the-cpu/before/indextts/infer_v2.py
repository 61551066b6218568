import gc

import torch


class IndexTTS2:
    def infer_generator(self, voice, text, emotion=None):
        if self.cache_voice != voice:
            torch.cuda.empty_cache()
        codes = self.gpt(text)
        if self.low_memory:
            self.gpt = self.gpt.to("cpu")
            gc.collect()
            torch.cuda.empty_cache()
        mel = self.s2mel(codes)
        self.s2mel.cpu()
        torch.cuda.empty_cache()
        yield self.vocoder(mel)
