import torch


class TransformerLM(torch.nn.Module):
    def inference(self, text):
        return self.llm.forward_chunk(text)
