"""The service's own."""
import gc
import threading
import torch


class CosyService:

    def speak(self, segments):
        for segment in segments:
            yield self.model.speak(segment)
            # 清显存
            if torch.cuda.is_available():
                torch.cuda.empty_cache()

    def close(self):
        del self.model
        pass
