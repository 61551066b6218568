"""Attention in the quicker of float32 and bfloat16, and masks that hide nothing.

Laid out by ttsopt beside the helpers that use it; needs Python 3.8, torch 2.1.
"""

import threading
import weakref

import torch

if __package__:
    from .ttsopt_kernels import quickest
else:
    from ttsopt_kernels import quickest

functional = torch.nn.functional
_of_thread = threading.local()


class Attention:
    """Scaled dot-product attention; which type is the quicker one is measured once per length."""

    def __init__(self, kinds):
        self.kinds = kinds
        self._half = {}  # length, rounded up to a power of two, to True for bfloat16

    def __call__(self, q, k, v, mask=None):
        """Attend; q, k, v (batch, heads, length, size); gives (batch, length, heads x size) in the type taken.

        `mask` (batch or 1, heads or 1, length, length): bool, True for what is seen, or what is added.
        """
        kind = torch.bfloat16 if self._is_half(q) else torch.float32
        if mask is not None and mask.dtype is not torch.bool:
            mask = mask.to(kind)
        y = functional.scaled_dot_product_attention(
            q.to(kind), k.to(kind), v.to(kind), attn_mask=mask
        )
        return y.transpose(1, 2).reshape(q.shape[0], q.shape[2], -1)

    def _is_half(self, q):
        length = 1 << max(0, q.shape[2] - 1).bit_length()
        if length not in self._half:
            shape = (q.shape[0], q.shape[1], length, q.shape[3])
            self._half[length] = "bf16" in self.kinds and _is_half_quicker(*shape)
        return self._half[length]


def _is_half_quicker(batch, heads, length, size):
    def make(kind):
        def made():
            x = torch.linspace(-1.0, 1.0, batch * heads * length * size)
            x = x.view(batch, length, heads, size).transpose(1, 2).to(kind)
            return lambda: functional.scaled_dot_product_attention(x, x, x)

        return made

    kinds = [("float32", make(torch.float32)), ("bf16", make(torch.bfloat16))]
    return quickest(("attention", batch, heads, length, size), kinds) == "bf16"


def hides_nothing(mask):
    """True if a mask is all True, or one that is added is all 0; asked once for the blocks of one call."""
    known = getattr(_of_thread, "mask", None)
    if known is None or known[0]() is not mask:
        shown = mask.all() if mask.dtype is torch.bool else (mask == 0).all()
        known = _of_thread.mask = (weakref.ref(mask), bool(shown))
    return known[1]
