"""The arithmetic of the blocks of IndexTTS 2's flow: a transformer (gpt-fast's, adaptive) and a WaveNet behind it.

`ttsopt_fused_s2mel` says what is done and why. Laid out by ttsopt beside it; needs Python 3.8, torch 2.1.
"""

# ruff: noqa: SLF001 - torch's weight norm, and the class that a module had, have no public names

import threading
import weakref

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
WHOLE_MASK = 4  # dimensions: (batch or 1, 1, length, length)
TYPES = {"nhwc": torch.float32, "bf16": torch.bfloat16}

_of_call = threading.local()


class TransformerBlock:
    """The quick forward of one TransformerBlock: rotary self-attention and a gated feed-forward."""

    is_residual = True

    @staticmethod
    def fits(module):
        """True if a module is of the kind that is known."""
        if type(module).__name__ != "TransformerBlock" or "forward" in vars(module):
            return False
        try:
            return _is_known(module)
        except AttributeError:
            return False

    def __init__(self, block, kinds):
        attention, feed = block.attention, block.feed_forward
        self.qkv = product_of((attention.wqkv,), kinds)
        self.out = product_of((attention.wo,), kinds)
        self.into = product_of((feed.w1, feed.w3), kinds)
        self.back = product_of((feed.w2,), kinds)
        skip = getattr(block, "skip_in_linear", None)
        self.skip = None if skip is None else product_of((skip,), kinds)
        self.is_plain = not block.time_as_token
        self.attend = Attention(kinds)

    def given(self, x, c, _positions, freqs_cis, mask, *others, skip_in_x=None):
        """Return what a call gives, for `__call__`; None where that is not for here.

        `others` are context, its positions and mask, and what an earlier block gives over.
        """
        if len(others) > 3:  # noqa: PLR2004 - as upstream counts them
            skip_in_x = others[3]
        if any(other is not None for other in others[:3]) or c is None or not self.is_plain:
            return None
        if freqs_cis.shape[0] != x.shape[1] or mask is None or mask.dim() != WHOLE_MASK:
            return None
        return x, c, freqs_cis, None if hides_nothing(mask) else mask, skip_in_x

    def __call__(self, block, x, c, freqs, mask, skip):
        """Run the block: x (batch, length, dim), c (batch, 1, dim), freqs (length, size / 2, 2), skip like x."""
        for product in (self.qkv, self.out, self.into, self.back, self.skip):
            if product is not None:
                product.renew()
        if skip is not None and self.skip is not None:
            x = self.skip(torch.cat((x, skip), dim=-1)).float()
        batch, length, _ = x.shape
        z = self.qkv(_normed(block.attention_norm, x, c))
        z = z.view(batch, length, 3, block.attention.n_head, -1)
        both = _turned(z[:, :, :2], freqs)
        q, k, v = (one.transpose(1, 2) for one in (both[:, :, 0], both[:, :, 1], z[:, :, 2]))
        x = x + self.out(self.attend(q, k, v, mask))
        gate, value = self.into(_normed(block.ffn_norm, x, c)).chunk(2, dim=-1)
        return x + self.back(functional.silu(gate).mul_(value))


def _is_known(block):
    attention, feed = block.attention, block.feed_forward
    layers = (attention.wqkv, attention.wo, feed.w1, feed.w2, feed.w3)
    layers += (block.attention_norm.project_layer, block.ffn_norm.project_layer)
    norms = (block.attention_norm.norm, block.ffn_norm.norm)
    return (
        all(is_linear(layer) for layer in layers)
        and all(type(norm).__name__ == "RMSNorm" for norm in norms)
        and not block.has_cross_attention
        and attention.n_local_heads == attention.n_head
        and attention.kv_cache is None
        and is_linear(getattr(block, "skip_in_linear", attention.wo))
    )


def _normed(norm, x, c):
    """Root mean square norm of x, scaled and shifted by what a time step's embedding c says."""
    scale, shift = norm.project_layer(c).chunk(2, dim=-1)
    root = torch.rsqrt(x.square().mean(-1, keepdim=True).add_(norm.norm.eps))
    return torch.addcmul(shift, x * root, scale * norm.norm.weight)


def _turned(z, freqs):
    """Turn pairs of neighbours: z (batch, length, 2, heads, size), freqs (length, size / 2, 2) of cosine, sine."""
    known = getattr(_of_call, "turns", None)
    if known is None or known[0]() is not freqs:
        turns = torch.view_as_complex(freqs.float().contiguous())[None, :, None, None]
        known = _of_call.turns = (weakref.ref(freqs), turns)
    pairs = torch.view_as_complex(z.float().reshape(*z.shape[:-1], -1, 2))
    return torch.view_as_real(pairs * known[1]).view(z.shape)


class WaveNet:
    """The quick forward of one WN: gated convolutions over channels-last memory in the quicker type."""

    is_residual = False

    @staticmethod
    def fits(module):
        """True if a module is of the kind that is known: centred convolutions, padded by reflection."""
        if type(module).__name__ != "WN" or "forward" in vars(module):
            return False
        try:
            layers = [*module.in_layers, *module.res_skip_layers]
            return len(layers) == 2 * module.n_layers and all(_is_usual(one) for one in layers)
        except AttributeError:
            return False

    def __init__(self, module, kinds):
        self.kinds = ("float32", *(("nhwc", "bf16") if "bf16" in kinds else ("nhwc",)))
        self.module = module
        self.layers = [one.conv.conv for one in (*module.in_layers, *module.res_skip_layers)]
        self.reach = max(_padding(one)[0] for one in self.layers)
        self.weights = {}  # by type: (stamp, [(weight, bias)])
        self.taken = {}  # by batch and length, rounded up

    def given(self, x, x_mask, g=None):
        """Return what a call gives, for `__call__`; None where upstream's own is quicker, or must pad more."""
        if x.shape[2] <= self.reach:
            return None
        kind = self._kind(x, g)
        mask = None if hides_nothing(x_mask) else x_mask.transpose(1, 2)
        return None if kind == "float32" else (x, mask, g, TYPES[kind])

    def __call__(self, module, x, mask, g, dtype):
        """Run it: x (batch, channels, length), mask None or (batch or 1, length, 1), g (batch, size, 1)."""
        weights, wide = self._weights(dtype), module.hidden_channels
        x, made = x.transpose(1, 2), 0.0
        steps = [None] * module.n_layers
        if g is not None:
            steps = module.cond_layer(g).transpose(1, 2).chunk(module.n_layers, dim=-1)
        for number, step in enumerate(steps):
            z = _convolved(self.layers[number], x.to(dtype), *weights[number])
            z = z.float() if step is None else z + step
            y = torch.tanh(z[..., :wide]).mul_(torch.sigmoid(z[..., wide:]))
            after = module.n_layers + number
            y = _convolved(self.layers[after], y.to(dtype), *weights[after])
            if number < module.n_layers - 1:
                x = x + y[..., :wide]
                x = x if mask is None else x * mask
            made = made + y[..., -wide:].float()
        return (made if mask is None else made * mask).transpose(1, 2)

    def _kind(self, x, g):
        length = max(1 << max(0, x.shape[2] - 1).bit_length(), 2 * self.reach)
        if (x.shape[0], length) not in self.taken:
            base = type(self.module)._ttsopt_base
            x, mask = torch.zeros(*x.shape[:2], length), torch.ones(1, 1, length)

            def make(kind):
                if kind == "float32":
                    return lambda: lambda: base.forward(self.module, x, mask, g)
                return lambda: lambda: self(self.module, x, None, g, TYPES[kind])

            what = ("wavenet", *x.shape, self.layers[0].kernel_size[0], self.module.n_layers)
            taken = quickest(what, [(kind, make(kind)) for kind in self.kinds])
            self.taken[x.shape[0], length] = taken
        return self.taken[x.shape[0], length]

    def _weights(self, dtype):
        parameters = [one for layer in self.layers for one in layer.parameters()]
        known = self.weights.get(dtype)
        if known is None or not known[0].holds(parameters):
            made = [_channels_last(layer, dtype) for layer in self.layers]
            known = self.weights[dtype] = (Stamp(parameters), made)
        return known[1]


def _is_usual(layer):
    """True for an SConv1d of which the length stays, with a weight norm or none."""
    convolution = layer.conv.conv
    return (
        not layer.causal
        and layer.pad_mode == "reflect"
        and type(layer.conv.norm) is torch.nn.Identity
        and type(convolution) is torch.nn.Conv1d
        and not hasattr(convolution, "parametrizations")
        and (convolution.stride, convolution.padding, convolution.groups) == ((1,), (0,), 1)
    )


def _padding(layer):
    """Frames that upstream adds before and behind, of which it adds the odd one before."""
    total = (layer.kernel_size[0] - 1) * layer.dilation[0]
    return total - total // 2, total // 2


def _convolved(layer, y, weight, bias):
    """Convolve y (batch, length, channels), mirrored at its ends; gives (batch, length, out)."""
    if layer.kernel_size == (1,):
        # Of five frames, oneDNN's own convolution is wrong in bfloat16 on AVX-512 without it (torch 2.13).
        return functional.linear(y, weight.flatten(1), bias)
    before, behind = _padding(layer)
    if before:
        ends = y[:, 1 : before + 1].flip(1), y[:, -behind - 1 : -1].flip(1)
        y = torch.cat((ends[0], y, ends[1]) if behind else (ends[0], y), dim=1)
    y = y.transpose(1, 2).unsqueeze(2)
    z = functional.conv2d(y, weight, bias, dilation=(1, *layer.dilation))
    return z.squeeze(2).transpose(1, 2)


def _channels_last(layer, dtype):
    weight = layer.weight
    if hasattr(layer, "weight_g"):  # what the hook of the weight norm makes before each call
        weight = torch._weight_norm(layer.weight_v, layer.weight_g, 0)
    weight = weight.detach().to(dtype).unsqueeze(2)
    bias = None if layer.bias is None else layer.bias.detach().to(dtype)
    return weight.contiguous(memory_format=torch.channels_last), bias
