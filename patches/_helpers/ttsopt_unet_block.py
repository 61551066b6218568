"""The arithmetic of the blocks of a U-Net over time, as Matcha-TTS and CosyVoice 1 and 2 have it.

`ttsopt_fused_flow` says what is done and why. Laid out by ttsopt beside it; needs Python 3.8, torch 2.1.
"""

# ruff: noqa: SLF001 - the class that a module had has no public name

import torch

if __package__:
    from .ttsopt_attention import Attention, hides_nothing
    from .ttsopt_kernels import quickest
    from .ttsopt_products import Stamp, is_linear, product_of
else:
    from ttsopt_attention import Attention, hides_nothing
    from ttsopt_kernels import quickest
    from ttsopt_products import Stamp, is_linear, product_of

functional = torch.nn.functional
MASK = 3  # dimensions: (batch, 1 or length, length)
ACTIVATION, LAST = 0, 2  # of a feed-forward: the layer with its GELU, dropout, the layer back
TYPES = {"nhwc": torch.float32, "bf16": torch.bfloat16}


class TransformerBlock:
    """The quick forward of one BasicTransformerBlock: self-attention and feed-forward, each behind a norm."""

    is_residual = True

    @staticmethod
    def fits(module):
        """True if a module is of the kind that is known."""
        if type(module).__name__ != "BasicTransformerBlock" or "forward" in vars(module):
            return False
        try:
            return _is_plain_block(module) and _is_plain_attention(module.attn1)
        except (AttributeError, IndexError, TypeError):
            return False

    def __init__(self, block, kinds):
        attention, feed = block.attn1, block.ff.net
        self.qkv = product_of((attention.to_q, attention.to_k, attention.to_v), kinds)
        self.out = product_of((attention.to_out[0],), kinds)
        self.into = product_of((feed[ACTIVATION].proj,), kinds, feed[ACTIVATION].approximate)
        self.back = product_of((feed[LAST],), kinds)
        self.attend = Attention(kinds)

    def given(self, hidden_states, attention_mask=None, **others):
        """Return what a call gives, for `__call__`; None where that is not for here."""
        mask = attention_mask
        # The time step is for adaptive norms, which these blocks lack.
        if any(other is not None for name, other in others.items() if name != "timestep"):
            return None
        if mask is None or hides_nothing(mask):
            return hidden_states, None
        return (hidden_states, mask[:, None]) if mask.dim() == MASK else None

    def __call__(self, block, x, mask):
        """Run the block: x (batch, length, dim), mask None or (batch, 1, 1 or length, length), which is added."""
        for product in (self.qkv, self.out, self.into, self.back):
            product.renew()
        batch, length, _ = x.shape
        z = self.qkv(block.norm1(x)).view(batch, length, 3, block.attn1.heads, -1)
        q, k, v = z.permute(2, 0, 3, 1, 4)
        x = x + self.out(self.attend(q, k, v, mask))
        return x + self.back(self.into(block.norm3(x)))


def _is_plain_block(block):
    activation, last = block.ff.net[ACTIVATION], block.ff.net[LAST]
    norms = (block.norm1, block.norm3)
    return (
        all(type(norm) is torch.nn.LayerNorm for norm in norms)
        and block.attn2 is None
        and not (block.only_cross_attention or block.use_ada_layer_norm)
        and not block.use_ada_layer_norm_zero
        and getattr(block, "_chunk_size", None) is None
        and type(activation).__name__ == "GELU"
        and is_linear(activation.proj)
        and is_linear(last)
    )


def _is_plain_attention(attention):
    layers = (attention.to_q, attention.to_k, attention.to_v, attention.to_out[0])
    absent = ("group_norm", "spatial_norm", "norm_q", "norm_k", "added_kv_proj_dim")
    return (
        all(is_linear(layer) for layer in layers)
        and all(getattr(attention, name, None) is None for name in absent)
        and not getattr(attention, "residual_connection", False)
        and getattr(attention, "rescale_output_factor", 1.0) == 1.0
        and type(attention.processor).__name__ in ("AttnProcessor", "AttnProcessor2_0")
        and attention.to_q.out_features % attention.heads == 0
    )


class Resnet:
    """The quick forward of one CausalResnetBlock1D, over channels-last memory in the quicker type.

    Its norms are over channels, which lie side by side then: upstream turns its tensor six times.
    """

    is_residual = False

    @staticmethod
    def fits(module):
        """True if a module is of the kind that is known."""
        if type(module).__name__ != "CausalResnetBlock1D" or "forward" in vars(module):
            return False
        try:
            return all(_is_plain_part(one.block) for one in (module.block1, module.block2)) and (
                type(module.res_conv) is torch.nn.Conv1d and module.res_conv.kernel_size == (1,)
            )
        except (AttributeError, IndexError, TypeError):
            return False

    def __init__(self, block, kinds):
        self.kinds = ("float32", *(("nhwc", "bf16") if "bf16" in kinds else ("nhwc",)))
        self.block = block
        self.layers = (block.block1.block[0], block.block2.block[0])
        self.weights = {}  # by type: (stamp, [(weight, bias)])
        self.taken = {}  # by batch and length, rounded up

    def given(self, x, mask, time_emb):
        """Return what a call gives, for `__call__`; None where upstream's own is quicker, or the mask hides."""
        if not bool((mask == 1).all()):
            return None
        kind = self._kind(x, mask, time_emb)
        return None if kind == "float32" else (x, time_emb, TYPES[kind])

    def __call__(self, block, x, time_emb, dtype):
        """Run the block: x (batch, in, length), time_emb (batch, size); gives (batch, out, length)."""
        first, second = self._weights(dtype)
        y = x.unsqueeze(2).to(dtype, memory_format=torch.channels_last)
        h = self._part(block.block1.block, y, first) + block.mlp(time_emb)[:, None]
        h = self._part(block.block2.block, _turned(h, dtype), second)
        rest = functional.linear(x.transpose(1, 2), block.res_conv.weight[..., 0])  # float32
        return h.add_(
            rest if block.res_conv.bias is None else rest + block.res_conv.bias
        ).transpose(1, 2)

    @staticmethod
    def _part(part, x, weight):
        """Convolve x (batch, in, 1, length) with what lies before; give (batch, length, out), normed, float32."""
        y = functional.conv2d(functional.pad(x, (part[0].kernel_size[0] - 1, 0)), *weight)
        return functional.mish(part[2](_across(y).float()))

    def _kind(self, x, mask, time_emb):
        length = 1 << max(0, x.shape[2] - 1).bit_length()
        if (x.shape[0], length) not in self.taken:
            base = type(self.block)._ttsopt_base
            x, mask = torch.zeros(*x.shape[:2], length), torch.ones(*mask.shape[:2], length)

            def make(kind):
                if kind == "float32":
                    return lambda: lambda: base.forward(self.block, x, mask, time_emb)
                return lambda: lambda: self(self.block, x, time_emb, TYPES[kind])

            what = ("causal resnet", *x.shape, self.layers[0].out_channels)
            taken = quickest(what, [(kind, make(kind)) for kind in self.kinds])
            self.taken[x.shape[0], length] = taken
        return self.taken[x.shape[0], length]

    def _weights(self, dtype):
        parameters = [one for layer in self.layers for one in (layer.weight, layer.bias)]
        known = self.weights.get(dtype)
        if known is None or not known[0].holds(parameters):
            made = [_channels_last(layer, dtype) for layer in self.layers]
            known = self.weights[dtype] = (Stamp(parameters), made)
        return known[1]


def _is_plain_part(part):
    convolution, _, norm, _, activation = part
    return (
        type(convolution).__name__ == "CausalConv1d"
        and isinstance(convolution, torch.nn.Conv1d)
        and (convolution.stride, convolution.dilation, convolution.groups) == ((1,), (1,), 1)
        and convolution.padding_mode == "zeros"
        and convolution.padding == (0,)
        and type(norm) is torch.nn.LayerNorm
        and type(activation) is torch.nn.Mish
    )


def _channels_last(layer, dtype):
    weight = layer.weight.detach().to(dtype).unsqueeze(2)
    bias = None if layer.bias is None else layer.bias.detach().to(dtype)
    return weight.contiguous(memory_format=torch.channels_last), bias


def _across(y):
    """Turn (batch, channels, 1, length) in channels-last memory into (batch, length, channels), without a copy."""
    return y.squeeze(2).transpose(1, 2)


def _turned(h, dtype):
    """Turn (batch, length, channels) into (batch, channels, 1, length) in channels-last memory."""
    return h.to(dtype).transpose(1, 2).unsqueeze(2)
