from TTS_infer_pack.ttsopt_cache_clears import clear_if_low
import gc

import torch


class TTS_Config:
    device = "cpu"


class TTS:
    def __init__(self, configs: TTS_Config):
        self.configs = configs
        self.vocoder = None

    def init_vocoder(self, version: str):
        if self.vocoder is not None:
            del self.vocoder
            self.empty_cache()
        self.vocoder = object()

    @torch.no_grad()
    def run(self, inputs: dict):
        try:
            for part in inputs["text"]:
                yield 32000, self.speak(part)
        except Exception as e:
            self.init_vocoder("v4")
            raise e
        finally:
            clear_if_low(self.empty_cache, 0.1)

    def empty_cache(self):
        try:
            gc.collect()  # 回收
            if "cuda" in str(self.configs.device):
                torch.cuda.empty_cache()
        except:
            pass
