"""Multiply by the weights of an encoder on a CPU in the kind that this processor is quickest in, near float32.

`quicken_linears(model)` is called once behind the loading of a model. Its linear layers keep their parameters and
get a forward of their own, which multiplies in the quickest of

    float32   as shipped
    packed    float32 in oneDNN's own layout
    int16     16 bits as two digits of 8: three products of 8 bits, which AMX and VNNI are made for

as measured once by shape and number of rows (ttsopt_kernels.py). bfloat16 is none of them: its error is thirty
times that of int16, which is too much for tokens that are the nearest entry of a codebook. torch's "medium"
precision has the error of bfloat16 as well, and is a setting of the whole process, other threads included.

What comes out is float32, and all else of the model is as it was. ttsopt_fused_modules.py says when upstream's own
forward is used instead. Weights that were changed, loaded anew or moved are noticed at the next input of more than
8 rows.

Memory: three quarters of the weights' size more for int16, once their size for packed, of layers that are used.
TTSOPT_ENCODER_KERNELS=0 leaves everything as it is. Laid out by ttsopt; needs Python 3.8, torch 2.1.
"""

import torch

if __package__:
    from .ttsopt_fused_modules import fuse
    from .ttsopt_int8_linears import Linear
    from .ttsopt_products import is_linear, product_of
else:
    from ttsopt_fused_modules import fuse
    from ttsopt_int8_linears import Linear
    from ttsopt_products import is_linear, product_of

MATRIX = 2  # dimensions that an input has at least
CLOSE = ("float32", "packed", "int16")


def quicken_linears(model, kinds=CLOSE):
    """Give the linear layers of `model` their quick forward; say on stderr what was done; return the model."""
    return fuse(model, (FeedForward, Linear), "encoder-kernels", kinds)


class FeedForward:
    """The quick forward of two linear layers with ReLU between them, which is inside the first one's product."""

    is_residual = False

    @staticmethod
    def fits(module):
        """True if a module is of the kind that is known."""
        if type(module).__name__ != "PositionwiseFeedForward" or "forward" in vars(module):
            return False
        parts = [getattr(module, name, None) for name in ("w_1", "w_2")]
        activation = getattr(module, "activation", None)
        return all(map(is_linear, parts)) and type(activation) is torch.nn.ReLU

    def __init__(self, module, kinds):
        into = product_of((module.w_1,), kinds, activation="relu")
        self.products = into, product_of((module.w_2,), kinds)

    def given(self, x, *others):
        """Return what a call gives, for `__call__`; None where it is nothing, or float32 is the quickest."""
        if others or x.dim() < MATRIX or x.numel() == 0:
            return None
        rows = x.numel() // x.shape[-1]
        return None if all(one.is_plain(rows) for one in self.products) else (x,)

    def __call__(self, _module, x):
        """Run both on x (..., width); gives float32."""
        for product in self.products:
            product.renew()
        into, back = self.products
        return back(into(x)).float()
