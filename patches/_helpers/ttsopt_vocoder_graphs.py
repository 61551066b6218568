"""Replay GPT-SoVITS's vocoder as CUDA graphs: BigVGAN of v3, HiFi-GAN of v4, over chunks of the same length.

`graph_vocoder(vocoder)` is called once behind its loading; ttsopt_graphed_module.py says what is replayed and when
it is not. TTSOPT_CUDA_GRAPHS=0 leaves everything as it is. Laid out by ttsopt; needs Python 3.8, torch 2.1.
"""

if __package__:
    from .ttsopt_graphed_module import graph_module
else:
    from ttsopt_graphed_module import graph_module

WHAT = "cuda-graph of the vocoder"
KINDS = ("BigVGAN", "Generator")


def graph_vocoder(vocoder, device=None):
    """Have a vocoder replayed on a GPU; return it."""
    return graph_module(vocoder, KINDS, WHAT, device)
