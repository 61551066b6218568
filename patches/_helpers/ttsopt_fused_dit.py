"""Run a DiT on a CPU with fewer passes over memory, and in the types that this processor is quickest in.

`fuse_dit(model, kinds)` is called once behind the loading of a model. The blocks that F5-TTS calls DiTBlock
(adaptive layer norm of six parts, attention with rotary positions, feed-forward with GELU) and the convolutions
that give positions keep their parameters and get a forward of their own; ttsopt_dit_block.py has the arithmetic:

- queries, keys and values are one product; GELU is inside its product; weights lie in oneDNN's layout;
- rotary positions are one complex product with a table that all blocks of a call share;
- shift and scale are the weight and bias of the layer norm, where all rows of the batch are at one time step, and
  are kept per time step: upstream multiplies its largest weight (dim x 6 dim) in every block of every evaluation;
- a mask that hides nothing is left out;
- products, attention and convolutions run in the kind that `ttsopt_kernels` measured as the quickest of
  `kinds`; the residual, the norms and the sums stay in float32.

ttsopt_fused_modules.py says when upstream's own forward is used instead. Weights that were changed, loaded anew or
moved are noticed at the next call.

Memory: a copy of the blocks' weights in the kinds that are taken (bf16: half as much again), and a table of 24 dim
bytes a block and time step, for at most 64 steps. TTSOPT_FUSED_DIT=0 leaves everything as it is. Laid out by
ttsopt; needs Python 3.8, torch 2.1.
"""

if __package__:
    from .ttsopt_dit_block import Block, Positions
    from .ttsopt_fused_modules import CLOSE, fuse
else:
    from ttsopt_dit_block import Block, Positions
    from ttsopt_fused_modules import CLOSE, fuse


def fuse_dit(model, kinds=CLOSE):
    """Give the blocks of `model` their quick forward; say on stderr what was done; return the model."""
    return fuse(model, (Block, Positions), "fused-dit", kinds)
