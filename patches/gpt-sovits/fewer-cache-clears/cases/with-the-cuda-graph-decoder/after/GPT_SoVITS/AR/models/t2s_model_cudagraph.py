from AR.models.ttsopt_cache_clears import clear_if_low
import torch


class CUDAGraphRunner:
    def _handle_request(self, request):
        for idx in range(1500):
            self.graph.replay()  # 每步
            self.position.add_(1)

            if idx % 100 == 0 and self.device.type == "cuda":
                clear_if_low(torch.cuda.empty_cache, 0.1)

        if self.device.type == "cuda":
            clear_if_low(torch.cuda.empty_cache, 0.1)

        return self.results

    def close(self):
        torch.cuda.empty_cache()
