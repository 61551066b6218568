import torch
import torch.nn.functional as F


class TTS_Config:
    pass


class TTS:
    def using_vocoder_synthesis_batched_infer(self, feats, chunk_len):
        overlapped_len = 12
        feats_padded = F.pad(feats, (overlapped_len, 0), "constant", 0)  # 前面补零
        return list(torch.split(feats_padded, chunk_len, 2))
