import torch


class IndexTTS2:
    def infer_generator(self, voice, text):
        codes = self.gpt(text)
        self.gpt.to(device="cpu")
        torch.cuda.empty_cache()
        yield self.vocoder(codes)
