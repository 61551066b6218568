"""Run the blocks of F5-TTS's DiT on a GPU in a third of the operations, each of which Python has to launch.

`launch_less(model)` is called once behind the loading of a model. The blocks that F5-TTS calls DiTBlock keep
their parameters and get a forward of their own, in the types of the model and in upstream's order of residuals:

- queries, keys and values are one product, of a copy of their weights;
- rotary positions of queries and keys are one complex product, with a table that all blocks share;
- of shift, scale and gate, the one that is added to each scale lies in a copy of the bias, and each of them is one
  operation with the norm or the sum behind it;
- the time embedding goes through its activation once, not once a block.

Products, attention, norms and activations are torch's, as upstream calls them. A mask (several texts in one
batch), gradients, training, autocast, torch.compile, CPUs, other processors of attention and blocks of other
parts take upstream's own forward. The first block compares itself with it once, and all stay as they were where
they differ by more than rounding, which is said. Weights that were changed or moved are noticed at the next
call.

Memory: a quarter of the blocks' weights again. TTSOPT_FEWER_LAUNCHES=0 leaves everything as it is. state_dict,
copies and pickles are as without it. Laid out by ttsopt; needs Python 3.8, torch 2.1.
"""

import os
import threading

import torch

if __package__:
    from .ttsopt_graphs import is_as_shipped, is_cast_or_traced, say_once, with_methods
else:
    from ttsopt_graphs import is_as_shipped, is_cast_or_traced, say_once, with_methods

functional = torch.nn.functional
WHAT = "fewer-launches of F5-TTS's blocks"
SWITCH = "TTSOPT_FEWER_LAUNCHES"
PARTS = 6  # of the adaptive norm: shift, scale, gate of the attention; the same of the feed-forward
SCALES = (1, 4)
_PLACE = "_ttsopt_launches"
_OFF = {"0", "off", "no", "false"}

_of_call = threading.local()


def launch_less(model, is_for=None):
    """Give the blocks of a model their forward; return the model.

    `is_for` tells of a tensor if it is on the device that is meant, a GPU unless given.
    """
    trial = _Trial(is_for or (lambda tensor: tensor.is_cuda))
    blocks = [one for one in model.modules() if _is_known(one) and _PLACE not in vars(one)]
    for block in blocks:
        vars(block)[_PLACE] = _Block(block, trial)
        block.__class__ = with_methods(type(block), _PLACE, _in_fewer)
    if not blocks:
        say_once("%s: no block of the kind that is known" % (WHAT,))
    return model


class _Trial:
    """The device that is meant, and if the blocks agreed with upstream's: None before one was tried."""

    def __init__(self, is_for):
        self.is_for, self.passed = is_for, None


def _in_fewer(base):
    def forward(self, x, t, mask=None, rope=None):
        quick = vars(self).get(_PLACE)
        if quick is None or not quick.takes(self, x, t, mask, rope):
            return base.forward(self, x, t, mask=mask, rope=rope)
        if quick.trial.passed is None:
            wanted = base.forward(self, x, t, mask=mask, rope=rope)
            quick.trial.passed = is_as_shipped(quick(self, x, t, rope[0]) - x, wanted - x, WHAT)
            return wanted
        return quick(self, x, t, rope[0])

    return {"forward": forward}


class _Block:
    """The parts that one block needs beside its parameters."""

    def __init__(self, block, trial):
        self.trial = trial
        # Heads with rotary positions, None for all. Versions that rotate before they split into heads, and have no
        # such setting, reach the first alone.
        self.rotated = getattr(block.attn.processor, "pe_attn_head", 1)
        self.joined, self.seen = None, None

    def takes(self, block, x, t, mask, rope):
        """True for a call that is for here."""
        is_off = os.environ.get(SWITCH, "").strip().lower() in _OFF
        if is_off or self.trial.passed is False or mask is not None or block.training:
            return False
        if torch.is_grad_enabled() or is_cast_or_traced() or not self.trial.is_for(x):
            return False
        fits = isinstance(rope, tuple) and (rope[1] is None or _is_one(rope[1]))
        fits = fits and rope[0].shape[-2] == x.shape[1] and t.dim() == x.dim() - 1
        return fits and t.dtype is x.dtype is block.attn.to_q.weight.dtype

    def __call__(self, block, x, t, freqs):
        """Run the block: x (batch, length, dim), t (batch, dim), freqs (1, length, size)."""
        weight, bias, modulation = self._weights(block)
        made = functional.linear(_activated(t), block.attn_norm.linear.weight, modulation)
        shift, scale, gate, shift_in, scale_in, gate_in = made[:, None].chunk(PARTS, dim=-1)
        z = functional.linear(torch.addcmul(shift, block.attn_norm.norm(x), scale), weight, bias)
        x = torch.addcmul(x, gate, block.attn.to_out[0](self._attend(block.attn, z, freqs)))
        y = torch.addcmul(shift_in, block.ff_norm(x), scale_in)
        return torch.addcmul(x, gate_in, block.ff.ff(y))

    def _attend(self, attention, z, freqs):
        """Attend; z (batch, length, 3 x heads x size); gives (batch, length, heads x size)."""
        z = z.view(*z.shape[:2], 3, attention.heads, -1)
        both, value = z[:, :, :2], z[:, :, 2]
        if getattr(attention, "q_norm", None) is not None:
            normed = attention.q_norm(both[:, :, 0]), attention.k_norm(both[:, :, 1])
            both = torch.stack(normed, dim=2)
        heads = both.shape[3] if self.rotated is None else self.rotated
        turned = _turned(both[:, :, :, :heads], freqs)
        if heads < both.shape[3]:
            turned = torch.cat((turned, both[:, :, :, heads:]), dim=3)
        parts = (turned[:, :, 0], turned[:, :, 1], value)
        made = functional.scaled_dot_product_attention(*(one.transpose(1, 2) for one in parts))
        return made.transpose(1, 2).reshape(*z.shape[:2], -1)

    def _weights(self, block):
        """The joint weight and bias of queries, keys and values; the norm's bias with the ones of its scales."""
        layers = (block.attn.to_q, block.attn.to_k, block.attn.to_v)
        read = [one for layer in layers for one in (layer.weight, layer.bias)]
        read.append(block.attn_norm.linear.bias)
        seen = [(one.data_ptr(), _version(one)) for one in read]
        if seen != self.seen:
            with torch.inference_mode(False), torch.no_grad():
                modulation = read.pop().detach().clone()
                for place in SCALES:
                    modulation.view(PARTS, -1)[place] += 1
                self.joined = (torch.cat(read[::2]), torch.cat(read[1::2]), modulation)
            self.seen = seen
        return self.joined


def _is_one(scale):
    return not isinstance(scale, torch.Tensor) and scale == 1


def _is_known(block):
    """True for a DiTBlock of the parts that this file knows."""
    if type(block).__name__ != "DiTBlock" or "forward" in vars(block):
        return False
    try:
        attention, norms = block.attn, (block.attn_norm.norm, block.ff_norm)
        layers = (attention.to_q, attention.to_k, attention.to_v, block.attn_norm.linear)
        return (
            all(type(one) is torch.nn.Linear and one.bias is not None for one in layers)
            and all(type(one) is torch.nn.LayerNorm and one.weight is None for one in norms)
            and layers[3].out_features == PARTS * layers[3].in_features
            and getattr(attention, "context_dim", None) is None
            and getattr(attention.processor, "attn_backend", "torch") == "torch"
            and isinstance(block.ff.ff, torch.nn.Sequential)
        )
    except (AttributeError, IndexError, TypeError):
        return False


def _activated(t):
    """The activation of a time embedding, once for all blocks of an evaluation."""
    return _kept("activated", t, functional.silu)


def _turned(z, freqs):
    """Turn pairs of neighbours by their angles: z (batch, length, 2, heads, size), freqs (1, length, size)."""
    turns = _kept("turns", freqs, _turns)
    pairs = z.to(torch.promote_types(z.dtype, torch.float32)).reshape(*z.shape[:-1], -1, 2)
    turned = torch.view_as_real(torch.view_as_complex(pairs) * turns)
    return turned.view(z.shape).to(z.dtype)


def _turns(freqs):
    angles = freqs[..., ::2].reshape(-1, freqs.shape[-1] // 2)
    return torch.polar(torch.ones_like(angles), angles)[None, :, None, None]


def _kept(name, given, make):
    """make(given), kept in this thread while the same tensor, unchanged, is given again."""
    key = (given, _version(given))
    known = getattr(_of_call, name, None)
    if known is None or known[0][0] is not given or known[0][1] != key[1]:
        known = (key, make(given))
        setattr(_of_call, name, known)
    return known[1]


def _version(tensor):
    """Count of writes to a tensor; torch keeps none for tensors of inference mode."""
    return None if tensor.is_inference() else tensor._version  # noqa: SLF001 - there is no public name
