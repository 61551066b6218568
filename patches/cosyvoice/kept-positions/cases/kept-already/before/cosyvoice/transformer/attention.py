from .ttsopt_kept_positions import projected
import math
from typing import Tuple

import torch
from torch import nn


class RelPositionMultiHeadedAttention(nn.Module):
    def forward(self, query, key, value, pos_emb=torch.empty(0)) -> Tuple[torch.Tensor, torch.Tensor]:
        q, k, v = self.forward_qkv(query, key, value)
        n_batch_pos = pos_emb.size(0)
        p = (self.linear_pos(pos_emb) if torch.jit.is_scripting() else projected(self.linear_pos, pos_emb)).view(n_batch_pos, -1, self.h, self.d_k)
        p = p.transpose(1, 2)  # (batch, head, time1, d_k)
        matrix_bd = torch.matmul(q, p.transpose(-2, -1))
        return self.forward_attention(v, matrix_bd / math.sqrt(self.d_k)), k
