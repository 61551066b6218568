"""Run the flow of IndexTTS 2 and 2.5 on a CPU with fewer passes over memory, in the types it is quickest in.

`fuse_s2mel(s2mel)` is called once behind the loading of the models. The blocks of the flow's estimator keep their
parameters and get a forward of their own (ttsopt_s2mel_block.py):

- TransformerBlock: the two products that a gate and its value need are one, rotary positions are one complex
  product with a table that all blocks of a call share, a mask that hides nothing is left out
- WN, the WaveNet behind them: convolutions over channels-last memory, the weight norm worked out once

Products, attention and convolutions run in the kind that `ttsopt_kernels` measured as the quickest of `kinds`; the
norms, gates and sums stay in float32. ttsopt_fused_modules.py says when upstream's own forward is used instead.
Weights that were changed, loaded anew or moved are noticed at the next call.

Memory: a copy of the blocks' weights in the kinds that are taken (bf16: half as much again).
TTSOPT_FUSED_S2MEL=0 leaves everything as it is. Laid out by ttsopt; needs Python 3.8, torch 2.1.
"""

if __package__:
    from .ttsopt_fused_modules import CLOSE, fuse
    from .ttsopt_s2mel_block import TransformerBlock, WaveNet
else:
    from ttsopt_fused_modules import CLOSE, fuse
    from ttsopt_s2mel_block import TransformerBlock, WaveNet


def fuse_s2mel(s2mel, kinds=CLOSE):
    """Give the blocks of a flow their quick forward; say on stderr what was done; return the model."""
    return fuse(s2mel, (TransformerBlock, WaveNet), "fused-s2mel", kinds)
