"""Run CosyVoice's flow on a CPU with fewer passes over memory, in the types that the processor is quickest in.

`fuse_flow(flow)` is called once behind the loading of the models. The blocks of the flow's estimator keep their
parameters and get a forward of their own:

- CosyVoice 1 and 2: BasicTransformerBlock (ttsopt_unet_block.py): queries, keys and values are one product, GELU
  is inside its product, a mask that hides nothing is left out; and 2's CausalResnetBlock1D, over channels-last
  memory
- CosyVoice 3: DiTBlock and the convolutions that give positions (ttsopt_dit_block.py, as for F5-TTS)

Products, attention and convolutions run in the kind that `ttsopt_kernels` measured as the quickest of `kinds`; the
residual, the norms and the sums stay in float32. ttsopt_fused_modules.py says when upstream's own forward is used
instead. Weights that were changed, loaded anew or moved are noticed at the next call.

Memory: a copy of the blocks' weights in the kinds that are taken (bf16: half as much again); for CosyVoice 3 also
24 dim bytes a block and time step, for at most 64 steps. TTSOPT_FUSED_FLOW=0 leaves everything as it is. Laid out
by ttsopt; needs Python 3.8, torch 2.1.
"""

if __package__:
    from .ttsopt_dit_block import Block, Positions
    from .ttsopt_fused_modules import CLOSE, fuse
    from .ttsopt_unet_block import Resnet, TransformerBlock
else:
    from ttsopt_dit_block import Block, Positions
    from ttsopt_fused_modules import CLOSE, fuse
    from ttsopt_unet_block import Resnet, TransformerBlock


def fuse_flow(flow, kinds=CLOSE):
    """Give the blocks of a flow their quick forward; say on stderr what was done; return the flow."""
    return fuse(flow, (TransformerBlock, Resnet, Block, Positions), "fused-flow", kinds)
