"""Multiply by the weights of a language model in 8 bits on a CPU, where that is quicker.

`quantise_linears(model)` is called once behind the loading of a model. A decoder that makes one token after the
other reads all of its weights for every token, and a CPU's memory is what it waits for: in 8 bits there is a
quarter to read. Its linear layers (nn.Linear, transformers' Conv1D) keep their parameters and get a copy in 8
bits per output channel: `int8w` multiplies inputs in bfloat16 by it, `int8` inputs in 8 bits. For each number of
rows it is measured once which of them, or float32 as shipped, is the quickest on this processor
(ttsopt_kernels.py).

ttsopt_fused_modules.py says when upstream's own forward is used instead. Weights that were changed, loaded anew
or moved are noticed at the next input of more than FEW rows, such as a prompt.

Memory: a quarter of the weights more, twice that where both kinds are taken. TTSOPT_INT8_LINEARS=0 leaves
everything as it is. Laid out by ttsopt; needs Python 3.8, torch 2.1.
"""

if __package__:
    from .ttsopt_fused_modules import fuse
    from .ttsopt_products import is_linear, product_of
else:
    from ttsopt_fused_modules import fuse
    from ttsopt_products import is_linear, product_of

LOSSY = ("float32", "int8", "int8w")
LEAST = 1 << 16  # weights of a layer that is worth it
MATRIX = 2  # dimensions that an input has at least
FEW = 8  # rows; a step of as many beams


def quantise_linears(model, kinds=LOSSY):
    """Give the linear layers of `model` their quick forward; say on stderr what was done; return the model."""
    return fuse(model, (Linear,), "int8-linears", kinds)


class Linear:
    """The quick forward of one linear layer."""

    is_residual = False

    @staticmethod
    def fits(module):
        """True if a module is a product with a weight that is large enough."""
        return is_linear(module) and module.weight.numel() >= LEAST

    def __init__(self, layer, kinds):
        self.products = (product_of((layer,), kinds),)

    def given(self, x, *others):
        """Return what a call gives, for `__call__`; None where it is nothing, or float32 is the quickest."""
        if others or x.dim() < MATRIX or x.numel() == 0:
            return None
        return None if self.products[0].is_plain(x.numel() // x.shape[-1]) else (x,)

    def __call__(self, _layer, x):
        """Multiply x (..., in); gives float32."""
        (product,) = self.products
        if x.numel() > FEW * x.shape[-1]:
            product.renew()
        return product(x).float()
