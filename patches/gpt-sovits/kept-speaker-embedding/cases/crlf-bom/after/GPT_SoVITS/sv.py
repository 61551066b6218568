from ttsopt_gpt_sovits_kept import kept_embedding
import torch


class SV:
    def __init__(self, device, is_half):
        self.embedding_model = build(device)

    @kept_embedding
    def compute_embedding3(self, wav):  # 声纹
        with torch.no_grad():
            return self.embedding_model(wav)
