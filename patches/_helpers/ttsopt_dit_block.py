"""The arithmetic of a DiT's blocks and positions; `ttsopt_fused_dit` says what is done and why.

Laid out by ttsopt beside it; needs Python 3.8, torch 2.1.
"""

import threading

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
MOST_STEPS = 64
PARTS = (
    6  # of the adaptive layer norm: shift, scale, gate of attention; the same of the feed-forward
)
BATCH_OF_EMBEDDING = 2  # dimensions: (batch, dim)
WHOLE_MASK = 4  # dimensions: (batch, 1, length, length)
ROW_MASK = 2  # dimensions: (batch, length), the same for every query

_of_call = threading.local()


class Block:
    """The quick forward of one DiTBlock, and what it needs beside the block's parameters."""

    is_residual = True

    @staticmethod
    def fits(module):
        """True if a module is of the kind that is known."""
        if type(module).__name__ != "DiTBlock" or "forward" in vars(module):
            return False
        try:
            return _is_known(module)
        except (AttributeError, IndexError, TypeError):
            return False

    def __init__(self, block, kinds):
        attention, inner = block.attn, block.ff.ff
        self.kinds = kinds
        self.qkv = product_of((attention.to_q, attention.to_k, attention.to_v), kinds)
        self.out = product_of((attention.to_out[0],), kinds)
        self.into = product_of((inner[0][0],), kinds, activation=inner[0][1].approximate)
        self.back = product_of((inner[2],), kinds)
        self.modulation = _Modulation(block.attn_norm.linear)
        # Heads with rotary positions, None for all. Versions that rotate before they split into heads, and have no
        # such setting, reach the first alone.
        self.rotated = getattr(attention.processor, "pe_attn_head", 1)
        self.attend = Attention(kinds)

    def given(self, x, t, mask=None, rope=None):
        """Return what a call gives, for `__call__`; None where that is not for here."""
        if rope is None or not _is_unscaled(rope[1]) or rope[0].shape[-2] != x.shape[1]:
            return None
        if t.dim() != BATCH_OF_EMBEDDING or t.dtype is not torch.float32:
            return None
        if mask is not None and hides_nothing(mask):
            mask = None
        elif mask is not None and mask.dim() == ROW_MASK:
            mask = mask[:, None, None]
        return (x, t, mask, rope[0]) if mask is None or mask.dim() == WHOLE_MASK else None

    def __call__(self, block, x, t, mask, freqs):
        """Run the block: x (batch, length, dim), t (batch, dim), freqs (1, length, size).

        `mask`: None, or bool (batch, 1, 1 or length, length).
        """
        for product in (self.qkv, self.out, self.into, self.back):
            product.renew()
        (shift, scale, gate, shift_in, scale_in, gate_in), shared = self.modulation(t)
        y = _modulated(block.attn_norm.norm, x, scale, shift, shared)
        y = self.out(self._attend(block.attn, self.qkv(y), freqs, mask))
        if mask is not None:  # as upstream does: what the last query may not see is no sound
            y = y.masked_fill(~mask[:, 0, -1].unsqueeze(-1), 0.0)
        x = torch.addcmul(x, gate, y.float())
        y = _modulated(block.ff_norm, x, scale_in, shift_in, shared)
        return torch.addcmul(x, gate_in, self.back(self.into(y)).float())

    def _attend(self, attention, z, freqs, mask):
        """Attend; z (batch, length, 3 x heads x size); gives (batch, length, heads x size)."""
        batch, length, width = z.shape
        z = z.view(batch, length, 3, attention.heads, width // (3 * attention.heads))
        parts = _normed_and_rotated(attention, self.rotated, z, freqs)
        return self.attend(*(part.transpose(1, 2) for part in parts), mask)


def _is_known(block):
    attention, inner = block.attn, block.ff.ff
    layers = (block.attn_norm.linear, attention.to_q, attention.to_k, attention.to_v)
    layers += (attention.to_out[0], inner[0][0], inner[2])
    norms = (block.attn_norm.norm, block.ff_norm)
    return (
        all(is_linear(layer) for layer in layers)
        and all(type(norm) is torch.nn.LayerNorm and norm.weight is None for norm in norms)
        and type(inner[0][1]) is torch.nn.GELU
        and layers[0].out_features == PARTS * layers[0].in_features
        and getattr(attention, "context_dim", None) is None
        and getattr(attention.processor, "attn_backend", "torch") == "torch"
        and attention.to_q.out_features % attention.heads == 0
    )


class _Modulation:
    """The six parts of the adaptive layer norm, kept by time step, each (1, 1, dim) or (batch, 1, dim)."""

    def __init__(self, linear):
        self._linear = linear
        self._kept = {}
        self._seen = None

    def __call__(self, embedding):
        """Return (parts, True if they are the same for the whole batch) of a time embedding (batch, dim)."""
        first = embedding[:1]
        if embedding.shape[0] > 1 and not torch.equal(embedding, first.expand_as(embedding)):
            return self._parts(embedding), False
        parameters = (self._linear.weight, self._linear.bias)
        if self._seen is None or not self._seen.holds(parameters):
            self._kept, self._seen = {}, Stamp(parameters)
        return self._of_step(first), True

    def _of_step(self, embedding):
        kept, key = self._kept, embedding.numpy().tobytes()
        parts = kept.get(key)
        if parts is None:
            parts = kept[key] = self._parts(embedding)
            if len(kept) > MOST_STEPS:
                kept.pop(next(iter(kept)), None)
        return parts

    def _parts(self, embedding):
        made = self._linear(functional.silu(embedding))
        shift, scale, gate, shift_in, scale_in, gate_in = made[:, None].chunk(PARTS, dim=-1)
        return shift, scale + 1, gate, shift_in, scale_in + 1, gate_in


def _modulated(norm, x, scale, shift, shared):
    width = (x.shape[-1],)
    if shared:
        return functional.layer_norm(x, width, scale.view(-1), shift.reshape(-1), norm.eps)
    return torch.addcmul(shift, functional.layer_norm(x, width, None, None, norm.eps), scale)


def _is_unscaled(scale):
    return scale is None or (not torch.is_tensor(scale) and scale == 1)


def _normed_and_rotated(attention, rotated, z, freqs):
    """Return queries, keys and values, each (batch, length, heads, size)."""
    both, v = z[:, :, :2], z[:, :, 2]
    if getattr(attention, "q_norm", None) is not None:
        normed = attention.q_norm(both[:, :, 0].float()), attention.k_norm(both[:, :, 1].float())
        both = torch.stack(normed, dim=2)
    heads = both.shape[3] if rotated is None else rotated
    turned = _turned(both[:, :, :, :heads], freqs)
    if heads < both.shape[3]:
        turned = torch.cat((turned.to(both.dtype), both[:, :, :, heads:]), dim=3)
    return turned[:, :, 0], turned[:, :, 1], v


def _turned(z, freqs):
    """Turn pairs of neighbours by their angles: z (batch, length, 2, heads, size), freqs (1, length, size)."""
    pairs = z.float().reshape(*z.shape[:-1], -1, 2)
    return torch.view_as_real(torch.view_as_complex(pairs) * _turns(freqs)).view(z.shape)


def _turns(freqs):
    """Return the complex numbers (1, length, 1, 1, size / 2) of the angles that the blocks of a call are given."""
    known = getattr(_of_call, "turns", None)
    if known is None or known[0] is not freqs:
        angles = freqs[..., ::2].reshape(-1, freqs.shape[-1] // 2).float()
        turns = torch.polar(torch.ones_like(angles), angles)[None, :, None, None]
        known = _of_call.turns = (freqs, turns)
    return known[1]


class Positions:
    """The quick forward of a position embedding: its two convolutions over channels-last bfloat16."""

    is_residual = False

    @staticmethod
    def fits(module):
        """True if a module is of the kinds that are known: two times Conv1d and Mish, centred or causal."""
        if "forward" in vars(module):
            return False
        centred, causal = (torch.nn.Conv1d, torch.nn.Mish) * 2, (torch.nn.Conv1d, torch.nn.Mish)
        if type(module).__name__ == "ConvPositionEmbedding":
            return _holds(getattr(module, "conv1d", ()), centred)
        if type(module).__name__ == "CausalConvPositionEmbedding":
            parts = [getattr(module, name, ()) for name in ("conv1", "conv2")]
            return all(_holds(part, causal) and part[0].padding == (0,) for part in parts)
        return False

    def __init__(self, module, kinds):
        self.layers = [layer for layer in module.modules() if type(layer) is torch.nn.Conv1d]
        # A causal one sees nothing behind a frame: all of its padding lies before.
        self.before = 0 if hasattr(module, "conv1d") else self.layers[0].kernel_size[0] - 1
        self.kinds = kinds
        self._half, self._seen, self._taken = None, None, {}

    def given(self, x, mask=None):
        """Return what a call gives, for `__call__`; None where upstream's own is quicker, or there is a mask."""
        return (x,) if mask is None and self._is_half(x) else None

    def __call__(self, _module, x):
        """Convolve x (batch, length, channels)."""
        parameters = [one for layer in self.layers for one in (layer.weight, layer.bias)]
        if self._seen is None or not self._seen.holds(parameters):
            self._half, self._seen = (
                [_channels_last(layer) for layer in self.layers],
                Stamp(parameters),
            )
        y = x.bfloat16().transpose(1, 2).unsqueeze(2)
        for layer, (weight, bias) in zip(self.layers, self._half):
            y = functional.mish(_convolved(layer, y, weight, bias, self.before))
        return y.squeeze(2).transpose(1, 2).float()

    def _is_half(self, x):
        length = 1 << max(0, x.shape[1] - 1).bit_length()
        if length not in self._taken:
            taken = "bf16" in self.kinds and _is_half_convolution(
                self.layers[0], x.shape[0], length, self.before
            )
            self._taken[length] = taken
        return self._taken[length]


def _holds(modules, kinds):
    """True if the modules are of exactly these classes, and the convolutions among them usual ones."""
    layers = list(modules)
    return [type(layer) for layer in layers] == list(kinds) and all(
        layer.padding_mode == "zeros" and isinstance(layer.padding, tuple) for layer in layers[::2]
    )


def _channels_last(layer):
    weight = layer.weight.detach().bfloat16().unsqueeze(2)
    bias = None if layer.bias is None else layer.bias.detach().bfloat16()
    return weight.contiguous(memory_format=torch.channels_last), bias


def _convolved(layer, y, weight, bias, before):
    """Convolve y (batch, channels, 1, length), with `before` zeros before it."""
    if before:
        y = functional.pad(y, (before, 0))
    padding = (0, layer.padding[0])
    return functional.conv2d(
        y, weight, bias, (1, *layer.stride), padding, (1, *layer.dilation), layer.groups
    )


def _is_half_convolution(layer, batch, length, before):
    def half():
        weight, bias = _channels_last(layer)
        x = torch.ones(batch, length, layer.in_channels).bfloat16().transpose(1, 2).unsqueeze(2)
        return lambda: _convolved(layer, x, weight, bias, before)

    def whole():
        x = torch.ones(batch, length, layer.in_channels).transpose(1, 2)
        return lambda: layer(functional.pad(x, (before, 0)))

    what = ("positions", batch, length, layer.in_channels, layer.kernel_size[0], layer.groups)
    with torch.no_grad():
        return quickest(what, [("float32", whole), ("bf16", half)]) == "bf16"
