from .ttsopt_gpt_sovits_kept import kept_encoding
import torch


class SynthesizerTrn:
    def decode(self, codes, text, refer):
        return codes


class SynthesizerTrnV3:
    @kept_encoding
    @torch.no_grad()
    def decode_encp(self, codes, text, refer, ge=None, speed=1):
        return codes, refer  # 参考音频


class SynthesizerTrnV3b:
    @torch.no_grad()
    def decode_encp(self, codes, text, refer, ge=None):
        return codes, refer
