from funasr_detach.auto.ttsopt_cache_clears import clear_if_low
import torch


class AutoModel:
    def inference(self, input, **cfg):
        found = self.model.inference(input, **cfg)
        torch.cuda.empty_cache()
        return found

    def infer_encoder(self, input, **cfg):
        with torch.no_grad():
            found, cache = self.model.infer_encoder(input, **cfg)

        clear_if_low(torch.cuda.empty_cache, 0.1)
        return found, cache
