import torch


class SynthesizerTrn:
    def decode(self, codes, text, refer):
        return codes

