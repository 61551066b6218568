import math
from typing import Tuple

import torch
from torch import nn


class RelPositionMultiHeadedAttention(nn.Module):
    def forward(self, query, key, value, pos_emb=torch.empty(0)) -> Tuple[torch.Tensor, torch.Tensor]:
        q, k, v = self.forward_qkv(query, key, value)
        n_batch_pos = pos_emb.size(0)
        matrix_bd = torch.matmul(q, k.transpose(-2, -1))
        return self.forward_attention(v, matrix_bd / math.sqrt(self.d_k)), k
