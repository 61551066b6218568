"""Run the flow of GPT-SoVITS v3 and v4 on a CPU with fewer passes over memory, in the types it is quickest in.

`fuse_cfm(model)` is called once behind the loading of a SoVITS model. The blocks of its flow's estimator, a DiT,
and the convolutions that give positions keep their parameters and get a forward of their own
(ttsopt_dit_block.py, as for F5-TTS): queries, keys and values are one product, GELU is inside its product,
rotary positions are one complex product with a table that all blocks share, shift and scale of the norms are
kept per time step, and a mask that hides nothing is left out. Models without a flow (v1, v2, v2Pro) are left
alone.

Products, attention and convolutions run in the kind that `ttsopt_kernels` measured as the quickest of `kinds`;
the residual, the norms and the sums stay in float32. ttsopt_fused_modules.py says when upstream's own forward is
used instead. Weights that were changed, loaded anew or moved are noticed at the next call.

Memory: a copy of the blocks' weights in the kinds that are taken (bf16: half as much again), and 24 dim bytes a
block and time step, for at most 64 steps. TTSOPT_FUSED_CFM=0 leaves everything as it is. Laid out by ttsopt;
needs Python 3.8, torch 2.1.
"""

if __package__:
    from .ttsopt_dit_block import Block, Positions
    from .ttsopt_fused_modules import CLOSE, fuse
else:
    from ttsopt_dit_block import Block, Positions
    from ttsopt_fused_modules import CLOSE, fuse


def fuse_cfm(model, kinds=CLOSE):
    """Give the blocks of a model's flow their quick forward; say on stderr what was done; return the model."""
    flow = getattr(model, "cfm", None)
    if flow is not None:
        fuse(flow, (Block, Positions), "fused-cfm", kinds)
    return model
