"""Decode GPT-SoVITS's tokens on a GPU as CUDA graphs, with keys and values that stay where they are.

`graph_tokens(module)`, called once behind the loading of the t2s model, puts an object in the place of its
transformer. The prompt runs as shipped; its keys and values go into a slot of ttsopt_static_steps.py, and each
token is one replay of upstream's operations with a mask, which also hides what the batch's mask hides. What the
infer loops see is what they saw: lists with a tensor a layer, batch first, of which they may take sequences.

The first token is compared with upstream's own: where they differ by more than rounding, upstream's transformer
speaks from then on, and it is said on stderr. It speaks too on a CPU, under gradients and autocast, and where its
own attention is asked for. The object is no module: state_dict and parameters are as without it.

TTSOPT_CUDA_GRAPHS=0 leaves everything as it is, at any time. Laid out by ttsopt; needs Python 3.8, torch 2.1.
"""

import copy

import torch

if __package__:
    from .ttsopt_graphs import CudaDevice, say_once
    from .ttsopt_static_steps import Steps
else:
    from ttsopt_graphs import CudaDevice, say_once
    from ttsopt_static_steps import Steps

functional = torch.nn.functional
WHAT = "cuda-graph of the t2s transformer"
_MLP = ("w1", "b1", "w2", "b2")
_WEIGHTS = ("qkv_w", "qkv_b", "out_w", "out_b", "norm_w1", "norm_b1", "norm_w2", "norm_b2")
_BLOCK = (*_WEIGHTS, "num_heads", "mlp", "norm_eps1", "norm_eps2")


def graph_tokens(module, device=None):
    """Have the t2s model of a Text2SemanticLightningModule decode by graphs; return the module."""
    model = getattr(module, "model", None)
    shipped = getattr(model, "t2s_transformer", None)
    blocks = getattr(shipped, "blocks", None) or ()
    if not blocks or not all(hasattr(block, name) for block in blocks for name in _BLOCK):
        say_once("%s: %s has one of another kind" % (WHAT, type(model).__name__))
    elif not isinstance(shipped, Graphed):
        model.t2s_transformer = Graphed(shipped, device or CudaDevice())
    return module


class Held(list):
    """Keys or values of a lease: a view (batch, heads, rows of the slot, width) a layer."""

    def __init__(self, lease, which):
        super().__init__(lease.views()[which])
        self.lease, self.which, self.first = lease, which, self[0]

    def renew(self):
        """Hold the views of where the lease lies now."""
        self[:] = self.lease.views()[self.which]
        self.first = self[0]


class Graphed:
    """Substitute for upstream's T2STransformer, which it keeps for the prompt and for all else."""

    def __init__(self, shipped, device):
        self.shipped = shipped
        heads = shipped.blocks[0].num_heads
        self.steps = Steps(self._step, device, self._parameters, WHAT, heads)

    def __getattr__(self, name):
        if name == "shipped":  # not there yet, as while it is unpickled
            raise AttributeError(name)
        return getattr(self.shipped, name)

    def __deepcopy__(self, memo):
        return copy.deepcopy(self.shipped, memo)

    def process_prompt(self, x, attn_mask, *rest, **options):
        """As upstream's; keys and values come back as Held where there is a slot for them."""
        x, keys, values = self.shipped.process_prompt(x, attn_mask, *rest, **options)
        sdpa = rest[1] if len(rest) > 1 else options.get("torch_sdpa", True)
        if not sdpa or type(keys) is not list or not _is_one_type(x, self.shipped.blocks[0]):
            return x, keys, values
        lease = self.steps.start(*(self._by_head(one) for one in (keys, values)))
        return (x, keys, values) if lease is None else (x, Held(lease, 0), Held(lease, 1))

    def decode_next_token(self, x, k_cache, v_cache, *rest, **options):
        """As upstream's, with the Held of its own prompt; with other lists upstream's own."""
        if not isinstance(k_cache, Held):
            return self.shipped.decode_next_token(x, k_cache, v_cache, *rest, **options)
        lease = k_cache.lease
        if not self._has_slot(lease, k_cache, v_cache):
            return self._shipped_from(lease, x, k_cache, v_cache, rest, options)
        if self.steps.is_trusted is None:
            return self._compared(lease, x, k_cache, v_cache, rest, options)
        made = self.steps.advance(lease, x, _mask(rest, options))
        if made is None:
            return self._shipped_from(lease, x, k_cache, v_cache, rest, options)
        return self._renewed(made, lease, k_cache, v_cache)

    def _has_slot(self, lease, keys, values):
        """True if the lease holds what the lists hold: a loop takes sequences at their end out of them."""
        if keys[0] is keys.first:
            return True
        if not self.steps.narrow(lease, keys, values):
            return False
        keys.renew(), values.renew()
        return True

    def _compared(self, lease, x, k_cache, v_cache, rest, options):
        """The token as upstream decodes it, whose lists go on where ours is another one."""
        lists = [_as_shipped(one, lease.rows) for one in (k_cache, v_cache)]
        wanted, *lists = self.shipped.decode_next_token(x, *lists, *rest, **options)
        made = self.steps.advance(lease, x, _mask(rest, options))
        if made is not None and self.steps.compare(made, wanted):
            return self._renewed(wanted, lease, k_cache, v_cache)
        return (wanted, *lists)

    def _renewed(self, made, lease, keys, values):
        if keys.first.shape[2] != lease.slot.rows:
            keys.renew(), values.renew()
        return made, keys, values

    def _shipped_from(self, lease, x, keys, values, rest, options):
        lists = [_as_shipped(one, lease.rows) for one in (keys, values)]
        return self.shipped.decode_next_token(x, *lists, *rest, **options)

    def _by_head(self, rows):
        heads = self.shipped.blocks[0].num_heads
        return [one.view(*one.shape[:2], heads, -1).transpose(1, 2) for one in rows]

    def _step(self, x, position, bias, keys, values):
        for block, key, value in zip(self.shipped.blocks, keys, values):
            x = _decoded(block, x, position, bias, key, value)
        return x

    def _parameters(self):
        for block in self.shipped.blocks:
            yield from (getattr(block, name) for name in _WEIGHTS)
            yield from (getattr(block.mlp, name) for name in _MLP)


def _decoded(block, x, position, bias, keys, values):
    """(batch, 1, width) -> the same: a T2SBlock's own operations, with its row written into the buffers."""
    batch, _, width = x.shape
    parts = functional.linear(x, block.qkv_w, block.qkv_b).view(batch, 1, 3, block.num_heads, -1)
    query, key, value = parts.permute(2, 0, 3, 1, 4)
    keys.index_copy_(2, position, key)
    values.index_copy_(2, position, value)
    mixed = functional.scaled_dot_product_attention(query, keys, values, bias)
    mixed = mixed.transpose(1, 2).reshape(batch, 1, width)
    x = x + functional.linear(mixed, block.out_w, block.out_b)
    x = functional.layer_norm(x, [width], block.norm_w1, block.norm_b1, block.norm_eps1)
    inner = functional.relu(functional.linear(x, block.mlp.w1, block.mlp.b1))
    x = x + functional.linear(inner, block.mlp.w2, block.mlp.b2)
    return functional.layer_norm(x, [width], block.norm_w2, block.norm_b2, block.norm_eps2)


def _as_shipped(held, rows):
    """Copies as upstream keeps them: (batch, rows, heads * width) a layer."""
    return [one[:, :, :rows].transpose(1, 2).flatten(2) for one in held]


def _mask(rest, options):
    return rest[0] if rest else options.get("attn_mask")


def _is_one_type(x, block):
    return x.dtype == block.qkv_w.dtype and not torch.is_autocast_enabled()
