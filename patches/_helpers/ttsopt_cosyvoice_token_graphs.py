"""Decode the speech tokens of CosyVoice 2 and 3 on a GPU as CUDA graphs, with a cache that stays where it is.

`graph_language_model(llm)`, called once behind the loading of the models, gives the Qwen2 inside of it a step of
its own. The prompt runs as shipped; its keys and values go into a slot of ttsopt_static_steps.py, and each token
is one replay: Qwen2's own modules, with keys and values written into buffers, and its groups of heads as rows of
one attention. What the loop sees is what it saw: the last layer's output, and a cache that it hands back, and asks
for its length where texts come in pieces. Such pieces run as shipped, and so do gradients, autocast (fp16), a CPU.

The first token is compared with the shipped one: where they differ by more than rounding, the shipped one speaks
from then on, and it is said on stderr. Nothing holds on to the layers, which vLLM takes away. Parameters and
state_dict are as without it, copies are plain. TTSOPT_CUDA_GRAPHS=0 leaves everything as it is, at any time.
Laid out by ttsopt; needs Python 3.8, torch 2.1.
"""

import torch

if __package__:
    from .ttsopt_graphs import CudaDevice, with_methods
    from .ttsopt_static_steps import Steps
else:
    from ttsopt_graphs import CudaDevice, with_methods
    from ttsopt_static_steps import Steps

functional = torch.nn.functional
WHAT = "cuda-graph of the language model"
_PLACE = "_ttsopt_steps"


def graph_language_model(llm, device=None):
    """Have the Qwen2 of a Qwen2LM decode by graphs; other language models stay as they are; return it."""
    encoder = getattr(llm, "llm", None)
    if type(encoder).__name__ == "Qwen2Encoder" and _PLACE not in vars(encoder):
        vars(encoder)[_PLACE] = _Decoder(encoder, device or CudaDevice())
        encoder.__class__ = with_methods(type(encoder), _PLACE, _by_graphs)
    return llm


def _by_graphs(base):
    def forward_one_step(self, xs, masks, cache=None):
        decoder = vars(self).get(_PLACE)
        if decoder is None:
            return base.forward_one_step(self, xs, masks, cache)
        return decoder(lambda cache: base.forward_one_step(self, xs, masks, cache), xs, cache)

    return {"forward_one_step": forward_one_step}


class Held:
    """A cache of keys and values in a slot, as the loops use one: cache[layer][0] are the keys of a layer."""

    def __init__(self, lease, kind):
        self.lease, self.kind = lease, kind

    def __getitem__(self, layer):
        return tuple(one[layer][:, :, : self.lease.rows] for one in self.lease.views())

    def get_seq_length(self, _layer=0):
        """Return how many rows there are, the same for every layer."""
        return self.lease.rows

    def shipped(self):
        """Return a cache of the kind that the prompt came back with, of copies."""
        made = self.kind()
        for number, (key, value) in enumerate(zip(*self.lease.held())):
            made.update(key, value, number)
        return made


class _Decoder:
    """The slots of one language model."""

    def __init__(self, encoder, device):
        self.encoder = encoder
        self.steps = Steps(self._step, device, self._parameters, WHAT)

    def __call__(self, shipped, xs, cache):
        """Return the last layer's output for xs (1, length, width), and the cache that goes on."""
        if isinstance(cache, Held):
            made = self._advanced(shipped, xs, cache) if xs.shape[1] == 1 else None
            if made is not None:
                return made
            cache = cache.shipped()
        made, cache = shipped(cache)
        return made, self._held(cache)

    def _advanced(self, shipped, xs, held):
        if self.steps.is_trusted is not None:
            made = self.steps.advance(held.lease, xs)
            return None if made is None else (made, held)
        wanted, cache = shipped(held.shipped())
        made = self.steps.advance(held.lease, xs)
        is_near = made is not None and self.steps.compare(made, wanted)
        return wanted, held if is_near else cache

    def _held(self, cache):
        pairs = _pairs(cache)
        lease = self.steps.start(*pairs) if pairs is not None else None
        return cache if lease is None else Held(lease, type(cache))

    def _parameters(self):
        return self.encoder.model.model.parameters()

    def _step(self, x, position, bias, keys, values):
        model = self.encoder.model.model
        turns = model.rotary_emb(x, position[None])
        for layer, key, value in zip(model.layers, keys, values):
            x = x + _attended(layer, x, turns, position, bias, key, value)
            x = x + layer.mlp(layer.post_attention_layernorm(x))
        return model.norm(x)


def _attended(layer, x, turns, position, bias, keys, values):
    """(batch, 1, width) -> the same: the layer's attention, with its row written into the buffers."""
    attention, batch, heads = layer.self_attn, x.shape[0], keys.shape[1]
    x = layer.input_layernorm(x)
    query, key, value = (
        project(x).view(batch, 1, -1, keys.shape[3]).transpose(1, 2)
        for project in (attention.q_proj, attention.k_proj, attention.v_proj)
    )
    keys.index_copy_(2, position, _turned(key, *turns))
    values.index_copy_(2, position, value)
    # All heads of a group ask the same keys: they are rows of one query.
    query = _turned(query, *turns).reshape(batch, heads, -1, keys.shape[3])
    mixed = functional.scaled_dot_product_attention(query, keys, values, bias)
    return attention.o_proj(mixed.reshape(batch, 1, -1))


def _turned(x, cos, sin):
    """Rotary positions: x (batch, heads, 1, width), cos and sin (1, 1, width)."""
    first, second = x.chunk(2, dim=-1)
    return x * cos[:, None] + torch.cat((-second, first), dim=-1) * sin[:, None]


def _pairs(cache):
    """Return (keys, values), lists with a tensor (batch, heads, rows, width) a layer; None for other caches."""
    if hasattr(cache, "key_cache"):
        return list(cache.key_cache), list(cache.value_cache)
    layers = getattr(cache, "layers", None)
    if layers and all(getattr(one, "keys", None) is not None for one in layers):
        return [one.keys for one in layers], [one.values for one in layers]
    return None
