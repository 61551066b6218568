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
        attn = F.scaled_dot_product_attention(
            q,
            k_out,
            v_out,
        )
        return self.out_proj(attn)

    def prefill(self, x, mask, kv_cache):
        q, k_out, v_out = self.split(x)
        return F.scaled_dot_product_attention(q, k_out, v_out)


class TransformerDecoder(nn.Module):
    def forward(self, input_pos, x, kv_caches):
        for layer, kv_cache in zip(self.layers, kv_caches):
            x = layer.forward(x, input_pos, kv_cache)
        return x

    def prefill(self, x, mask, kv_caches):
        for layer, kv_cache in zip(self.layers, kv_caches):
            x = layer.prefill(x, mask, kv_cache)
        return x
