"""Decode IndexTTS's speech tokens on a GPU as CUDA graphs, beams and all, with a cache that stays where it is.

`graph_gpt(gpt)`, called once behind the loading of the models, gives the GPT-2 inside of it a step of its own.
The prompt runs as shipped; its keys and values go into a slot of ttsopt_static_steps.py. Each token of all
beams is one replay: GPT-2's own modules, with keys and values written into buffers. What the search sees is as it
was: the last layer's output, and a cache, whose beams it sorts: that happens in place, in four operations where it
took two a layer. What the attention mask hides of a prompt is hidden.

The first token is compared with the shipped one: where they differ by more than rounding, the shipped one speaks
from then on, and it is said on stderr. It speaks too on a CPU, under gradients and autocast (use_fp16), without
the cache, with DeepSpeed and with use_accel. Parameters and state_dict are as without it, copies are plain.
TTSOPT_CUDA_GRAPHS=0 leaves everything as it is, at any time. Laid out by ttsopt; needs Python 3.8, torch 2.1.
"""

import torch

if __package__:
    from .ttsopt_graphs import CudaDevice, with_methods
    from .ttsopt_static_steps import Steps
else:
    from ttsopt_graphs import CudaDevice, with_methods
    from ttsopt_static_steps import Steps

functional = torch.nn.functional
WHAT = "cuda-graph of the GPT"
_PLACE = "_ttsopt_steps"
# What a call of the generating loop brings, and may bring as None.
_KNOWN = {"inputs_embeds", "past_key_values", "attention_mask", "position_ids", "use_cache"}
_KNOWN |= {"return_dict"}


def graph_gpt(gpt, device=None):
    """Have the GPT-2 of a UnifiedVoice decode by graphs; models of another kind stay as they are; return it."""
    model = getattr(getattr(gpt, "inference_model", None), "transformer", None)
    # Positions come with the embeddings: IndexTTS takes GPT-2's own out.
    fits = type(model).__name__ == "GPT2Model" and not isinstance(model.wpe, torch.nn.Module)
    if fits and _PLACE not in vars(model):
        vars(model)[_PLACE] = _Decoder(model, device or CudaDevice())
        model.__class__ = with_methods(type(model), _PLACE, _by_graphs)
    return gpt


def _by_graphs(base):
    def forward(self, *args, **kwargs):
        decoder = vars(self).get(_PLACE)
        if decoder is None:
            return base.forward(self, *args, **kwargs)
        return decoder(lambda given: base.forward(self, *args, **given), args, kwargs)

    return {"forward": forward}


class Held:
    """A cache of keys and values in a slot, as the generating loops use one: past[layer][0] are a layer's keys."""

    def __init__(self, lease, outputs):
        self.lease, self.outputs = lease, outputs

    def __getitem__(self, layer):
        return tuple(one[layer][:, :, : self.lease.rows] for one in self.lease.views())

    def __len__(self):
        return len(self.lease.slot.keys)

    def get_seq_length(self, _layer=0):
        """Return how many rows there are, the same for every layer."""
        return self.lease.rows

    def reorder_cache(self, beams):
        """Have beam number i hold what number beams[i] held."""
        lease = self.lease
        for buffer in (lease.slot.keys, lease.slot.values):
            rows = buffer[:, : lease.batch, :, : lease.rows]
            rows.copy_(rows.index_select(1, beams.to(rows.device)))

    def shipped(self):
        """Return copies as the model keeps them: a pair (keys, values) a layer."""
        return tuple(zip(*self.lease.held()))


class _Decoder:
    """The slots of one GPT-2."""

    def __init__(self, model, device):
        self.model = model
        self.steps = Steps(self._step, device, model.parameters, WHAT)

    def __call__(self, shipped, args, given):
        """Return what the model gives for a call, with a Held for its cache where there is a slot."""
        past = given.get("past_key_values")
        is_known = not args and _is_known(given)
        if isinstance(past, Held):
            made = self._advanced(shipped, past, given) if is_known else None
            if made is not None:
                return made
            given = {**given, "past_key_values": past.shipped()}
        made = shipped(given)
        if is_known:
            made.past_key_values = self._held(made.past_key_values, type(made))
        return made

    def _advanced(self, shipped, held, given):
        x, mask = given["inputs_embeds"], given.get("attention_mask")
        if x.shape[1] != 1 or x.shape[0] != held.lease.batch:
            return None
        hidden = None if mask is None else (mask == 0)[:, None, None]
        if hidden is not None and hidden.shape[3] != held.lease.rows + 1:
            return None
        if self.steps.is_trusted is None:
            wanted = shipped({**given, "past_key_values": held.shipped()})
            made = self.steps.advance(held.lease, x, hidden)
            if made is not None and self.steps.compare(made, wanted.last_hidden_state):
                wanted.past_key_values = held
            return wanted
        made = self.steps.advance(held.lease, x, hidden)
        if made is None:
            return None
        return held.outputs(last_hidden_state=made, past_key_values=held)

    def _held(self, past, outputs):
        if not isinstance(past, tuple) or not past or len(past[0]) != 2:  # noqa: PLR2004 - a key and a value
            return past
        lease = self.steps.start([one[0] for one in past], [one[1] for one in past])
        return past if lease is None else Held(lease, outputs)

    def _step(self, x, position, bias, keys, values):
        x = x + self.model.wpe(position[None]).to(x.dtype)
        for block, key, value in zip(self.model.h, keys, values):
            x = x + _attended(block.attn, block.ln_1(x), position, bias, key, value)
            x = x + block.mlp(block.ln_2(x))
        return self.model.ln_f(x)


def _is_known(given):
    """True for a call of the generating loop with a cache, and no more than the step knows of."""
    rest = [value for name, value in given.items() if name not in _KNOWN]
    return (
        all(one is None or one is False for one in rest)
        and given.get("use_cache") is True
        and given.get("return_dict") is True
        and given.get("inputs_embeds") is not None
    )


def _attended(attention, x, position, bias, keys, values):
    """(batch, 1, width) -> the same: the attention, with its row written into the buffers."""
    batch, _, width = x.shape
    parts = attention.c_attn(x).view(batch, 1, 3, keys.shape[1], keys.shape[3])
    query, key, value = parts.permute(2, 0, 3, 1, 4)
    keys.index_copy_(2, position, key)
    values.index_copy_(2, position, value)
    mixed = functional.scaled_dot_product_attention(query, keys, values, bias)
    return attention.c_proj(mixed.transpose(1, 2).reshape(batch, 1, width))
