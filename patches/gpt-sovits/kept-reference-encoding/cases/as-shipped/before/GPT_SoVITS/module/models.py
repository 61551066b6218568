import torch


class SynthesizerTrn:
    def decode(self, codes, text, refer):
        return codes


class SynthesizerTrnV3:
    @torch.no_grad()
    def decode_encp(self, codes, text, refer, ge=None, speed=1):
        return codes, refer  # 参考音频


class SynthesizerTrnV3b:
    @torch.no_grad()
    def decode_encp(self, codes, text, refer, ge=None):
        return codes, refer
