"""Decode GPT-SoVITS's tokens with keys and values that stay where they are, one row more a token.

Upstream's t2s transformer makes all keys and values of a layer anew for each token (`torch.cat`), and attends to
them through a transposed view. `keep_cache(module)`, called once behind the loading of the model, puts an object
in its place that decodes with buffers of (batch, heads, rows, width) that have room for more rows, without a mask
where it hides nothing, and with products of the kind that `ttsopt_kernels` measured as the quickest for one row:
float32 as shipped, or packed. `shrink_weights(module)` does the same, with weights in 8 bits and bfloat16 among
the kinds.

The prompt runs as shipped. What the infer loops see is what they saw: lists with a tensor a layer, batch first.
The first decoded token, with and without a mask, is compared with upstream's own, in float32. Where they differ by
more than rounding, upstream's transformer speaks from then on, and it is said on stderr. It speaks too on a GPU,
in half precision, under gradients, and where its own attention is asked for. Weights that were changed, loaded
anew or moved are noticed at the next prompt. The object is no module: state_dict and parameters are as without it.

Memory: the buffers have up to 256 rows too many; weights in 8 bits take a quarter of the layers' size again, in
bfloat16 half of it. TTSOPT_STATIC_KV=0 leaves everything as it is, at any time.

Laid out by ttsopt; needs Python 3.8, torch 2.1.
"""

import os
import sys

import torch

if __package__:
    from .ttsopt_products import Product
else:
    from ttsopt_products import Product

functional = torch.nn.functional
SWITCH = "TTSOPT_STATIC_KV"
CLOSE = ("float32", "packed")
LOSSY = ("float32", "packed", "bf16", "int8w", "int8")
ROOM = 256  # rows, ten seconds of speech
TOLERANCE = 1e-4  # of float32 against upstream's, relative to the largest value
_OFF = {"0", "off", "no", "false"}
_BLOCK = ("num_heads", "mlp", "qkv_w", "qkv_b", "out_w", "out_b")
_NORMS = ("norm_w1", "norm_b1", "norm_eps1", "norm_w2", "norm_b2", "norm_eps2")
__ttsopt_fallbacks__ = []  # read by ttsopt's benchmark: what was said on stderr


def keep_cache(module):
    """Have the t2s model of a Text2SemanticLightningModule decode with kept buffers; return the module."""
    return _quicken(module, CLOSE)


def shrink_weights(module):
    """The same, with weights in 8 bits or bfloat16 where these are quicker; return the module."""
    return _quicken(module, LOSSY)


def _quicken(module, kinds):
    model = getattr(module, "model", None)
    shipped = getattr(model, "t2s_transformer", None)
    if isinstance(shipped, Transformer):
        shipped.allow(kinds)
    elif not _is_known(shipped):
        _say_once("the transformer of %s is of another kind" % type(model).__name__)
    elif os.environ.get(SWITCH, "").strip().lower() not in _OFF:
        model.t2s_transformer = Transformer(shipped, kinds)
    return module


def _is_known(shipped):
    blocks = getattr(shipped, "blocks", None) or ()
    return bool(blocks) and all(
        hasattr(block, name) for block in blocks for name in _BLOCK + _NORMS
    )


def _say_once(reason):
    text = "ttsopt: the t2s transformer decodes as shipped: " + reason
    if text not in __ttsopt_fallbacks__:
        __ttsopt_fallbacks__.append(text)
        sys.stderr.write(text + "\n")


# ---- keys and values ----


class Cache(list):
    """Keys or values: a view (batch, heads, rows, width) a layer, of a buffer with room for more rows.

    The loops replace views by those of the sequences that are not at their end: the next row moves them to a new
    buffer.
    """

    def __init__(self, rows, heads):
        super().__init__(
            one.view(one.shape[0], one.shape[1], heads, -1).transpose(1, 2) for one in rows
        )
        self.buffers = [None] * len(self)

    def add(self, layer, row):
        """Put a row (batch, heads, 1, width) behind those of a layer; return the view of all."""
        there, buffer = self[layer], self.buffers[layer]
        rows = there.shape[2]
        if buffer is None or rows == buffer.shape[2] or not _is_start(there, buffer):
            buffer = there.new_empty(*there.shape[:2], rows + ROOM, there.shape[3])
            buffer[:, :, :rows] = there
            self.buffers[layer] = buffer
        buffer[:, :, rows : rows + 1] = row
        self[layer] = buffer[:, :, : rows + 1]
        return self[layer]

    def shipped(self):
        """Copies as upstream keeps them: (batch, rows, heads * width) a layer."""
        return [one.transpose(1, 2).flatten(2) for one in self]


def _is_start(view, buffer):
    return view.data_ptr() == buffer.data_ptr() and view.shape[0] == buffer.shape[0]


# ---- the transformer ----


class Transformer:
    """Substitute for upstream's T2STransformer, which it keeps for the prompt and for all else."""

    def __init__(self, shipped, kinds):
        self.shipped, self.kinds = shipped, kinds
        self.layers = [_Layer(block, kinds) for block in shipped.blocks]
        self.compared = set()  # of {False, True}: decoded without a mask, and with one
        self.refused = False

    def __getattr__(self, name):
        if name == "shipped":  # not there yet, as while it is copied
            raise AttributeError(name)
        return getattr(self.shipped, name)

    def allow(self, kinds):
        """Take more kinds of products than before; none that was allowed is taken away."""
        if not set(kinds) <= set(self.kinds):
            self.kinds = kinds
            self.layers = [_Layer(layer.block, kinds) for layer in self.layers]

    def process_prompt(self, x, attn_mask, *rest, **options):
        """As upstream's; keys and values come back as Caches where the tokens can be decoded with them."""
        x, keys, values = self.shipped.process_prompt(x, attn_mask, *rest, **options)
        sdpa = rest[1] if len(rest) > 1 else options.get("torch_sdpa", True)
        if not sdpa or not self._is_for_us(x):
            return x, keys, values
        for layer in self.layers:
            layer.renew()
        heads = self.layers[0].block.num_heads
        return x, Cache(keys, heads), Cache(values, heads)

    def decode_next_token(self, x, k_cache, v_cache, *rest, **options):
        """As upstream's, with the Caches of its own prompt; with other lists upstream's own."""
        if not isinstance(k_cache, Cache):
            return self.shipped.decode_next_token(x, k_cache, v_cache, *rest, **options)
        mask = rest[0] if rest else options.get("attn_mask")
        seen = None if mask is None or not bool(mask.any()) else ~mask
        if (seen is not None) not in self.compared:
            return self._compare(x, k_cache, v_cache, seen, rest, options)
        return self._decode(x, k_cache, v_cache, seen, exactly=False), k_cache, v_cache

    def _decode(self, x, keys, values, seen, exactly):
        for number, layer in enumerate(self.layers):
            x = layer(x, keys, values, number, seen, exactly)
        return x

    def _compare(self, x, keys, values, seen, rest, options):
        """The token as upstream decodes it, whose caches go on where ours is another one."""
        shipped = keys.shipped(), values.shipped()
        wanted, *shipped = self.shipped.decode_next_token(x, *shipped, *rest, **options)
        made = self._decode(x, keys, values, seen, exactly=True)
        off = float((made - wanted).abs().max() / wanted.abs().max().clamp(min=1e-12))
        if off <= TOLERANCE:
            self.compared.add(seen is not None)
            return wanted, keys, values
        self.refused = True
        _say_once("a token came out otherwise, by %.2g of its largest value" % off)
        return (wanted, *shipped)

    def _is_for_us(self, x):
        return (
            not self.refused
            and os.environ.get(SWITCH, "").strip().lower() not in _OFF
            and x.device.type == "cpu"
            and x.dtype == torch.float32 == self.layers[0].block.qkv_w.dtype
            and not torch.is_autocast_cpu_enabled()
            and not (torch.is_grad_enabled() and self.layers[0].block.qkv_w.requires_grad)
        )


class _Layer:
    """A T2SBlock that decodes one token of each sequence."""

    def __init__(self, block, kinds):
        self.block = block
        pairs = (
            (block.qkv_w, block.qkv_b),
            (block.out_w, block.out_b),
            (block.mlp.w1, block.mlp.b1),
            (block.mlp.w2, block.mlp.b2),
        )
        self.quick = [Product((weight,), (bias,), kinds) for weight, bias in pairs]
        self.exact = [Product((weight,), (bias,), ("float32",)) for weight, bias in pairs]

    def renew(self):
        for product in self.quick + self.exact:
            product.renew()

    def __call__(self, x, keys, values, number, seen, exactly):
        """(batch, 1, width) -> the same; the layer's new key and value are put behind the others."""
        block = self.block
        qkv, out, first, second = self.exact if exactly else self.quick
        batch, _, width = x.shape
        # (3, batch, heads, 1, width of a head)
        parts = qkv(x).float().view(batch, 1, 3, block.num_heads, -1).permute(2, 0, 3, 1, 4)
        key, value = keys.add(number, parts[1]), values.add(number, parts[2])
        mixed = functional.scaled_dot_product_attention(parts[0], key, value, seen)
        x = x + out(mixed.transpose(1, 2).reshape(batch, 1, width)).float()
        x = functional.layer_norm(x, [width], block.norm_w1, block.norm_b1, block.norm_eps1)
        x = x + second(functional.relu(first(x))).float()
        return functional.layer_norm(x, [width], block.norm_w2, block.norm_b2, block.norm_eps2)
