import torch


class ParaformerStreaming(torch.nn.Module):
    def infer_encoder(self, data_in, key=None, **kwargs):
        return [{"key": key[0], "enc_out": self.encode(data_in)}], {}, {}
