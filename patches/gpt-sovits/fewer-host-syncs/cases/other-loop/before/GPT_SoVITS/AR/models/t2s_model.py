import torch


class Text2SemanticDecoder:
    def infer_panel(self, y):
        for logits, samples in self.steps(y):
            if self.ended(samples):  # 停止
                break
        return y
