from cosyvoice.cli.ttsopt_cache_clears import clear_if_low
import threading

import torch


class CosyVoiceModel:

    def __init__(self):
        self.lock = threading.Lock()
        self.hift_cache_dict = {}
        torch.cuda.empty_cache()

    def tts(self, text, stream=False):
        if torch.cuda.is_available():
            text = text.pin_memory()
        for part in self.parts(text):
            yield {'tts_speech': self.token2wav(part, stream).cpu()}
        with self.lock:
            self.hift_cache_dict.pop(text)
        clear_if_low(torch.cuda.empty_cache, 0.1)

    def vc(self, text, stream=False):
        if torch.cuda.is_available():
            text = text.pin_memory()
        for part in self.parts(text):
            yield {'tts_speech': self.token2wav(part, stream).cpu()}
        with self.lock:
            self.hift_cache_dict.pop(text)
        clear_if_low(torch.cuda.empty_cache, 0.1)


class CosyVoice2Model(CosyVoiceModel):

    def tts(self, text, stream=False):
        if torch.cuda.is_available():
            text = text.pin_memory()
        for part in self.parts(text):
            yield {'tts_speech': self.token2wav(part, stream).cpu()}
        with self.lock:
            self.hift_cache_dict.pop(text)
        clear_if_low(torch.cuda.empty_cache, 0.1)
