import torch


class Text2SemanticDecoder:
    def infer_panel(self, y):
        for logits, samples in self.steps(y):
            if (torch.argmax(logits, dim=-1)[0] == self.EOS) | (samples[0, 0] == self.EOS):  # 停止
                break
        return y

    def infer_panel_batch_infer(self, y):
        for logits, samples in self.steps(y):
            tokens = torch.argmax(logits, dim=-1)
            if ((samples[:, 0] == self.EOS) | (tokens == self.EOS)).any():
                break
        return y
