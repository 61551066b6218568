import torch
import torch.nn.functional as F
from torch import nn


class KVCacheNHD(nn.Module):
    def update(self, input_pos, keys, values):
        return self.k_cache, self.v_cache


class Attention(nn.Module):
    def forward(self, x, input_pos, kv_cache):
        q, k, v = self.split(x)
        k_out, v_out = kv_cache.update(input_pos, k, v)
        # 全部槽位
        attn = F.scaled_dot_product_attention(q, k_out, v_out, attn_mask=kv_cache.filled)
        return self.out_proj(attn)

    def prefill(self, x, mask, kv_cache):
        q, k_out, v_out = self.split(x)
        return F.scaled_dot_product_attention(q, k_out, v_out)


class TransformerDecoder(nn.Module):
    def forward(self, input_pos, x, kv_caches):
        slots = torch.arange(kv_caches[0].max_seq_length, device=input_pos.device)
        filled = (slots < input_pos.unsqueeze(1))[:, None, None, :]
        for kv_cache in kv_caches:
            kv_cache.filled = filled
        for layer, kv_cache in zip(self.layers, kv_caches):
            x = layer.forward(x, input_pos, kv_cache)
        return x

    def prefill(self, x, mask, kv_caches):
        for layer, kv_cache in zip(self.layers, kv_caches):
            x = layer.prefill(x, mask, kv_cache)
        return x
