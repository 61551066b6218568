import torch


class SV:
    def __init__(self, device, is_half):
        self.embedding_model = build(device)

    def compute_embedding(self, wav):  # 声纹
        with torch.no_grad():
            return self.embedding_model(wav)
