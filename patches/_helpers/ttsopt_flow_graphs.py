"""Replay the estimator of a flow, which a solver calls some ten or twenty-five times a sentence, as CUDA graphs.

`graph_flow(model)` is called once behind the loading of the models, with CosyVoice's flow (1, 2 or 3) or the s2mel
models of IndexTTS 2; ttsopt_graphed_module.py says what is replayed and when it is not. Nothing is padded: a graph
serves the evaluations that are left of its first sentence, and every later one that is as long.
TTSOPT_CUDA_GRAPHS=0 leaves everything as it is. Laid out by ttsopt; needs Python 3.8, torch 2.1.
"""

if __package__:
    from .ttsopt_graphed_module import graph_module
    from .ttsopt_graphs import say_once
else:
    from ttsopt_graphed_module import graph_module
    from ttsopt_graphs import say_once

WHAT = "cuda-graph of the flow's estimator"
KINDS = ("ConditionalDecoder", "CausalConditionalDecoder", "DiT")
# Tables of IndexTTS's DiT that are no buffers.
TABLES = ("transformer.freqs_cis", "transformer.causal_mask")
WARM = 3  # calls in which TorchScript may still compile what the WaveNet has of it


def graph_flow(model, device=None):
    """Have the estimator of a flow replayed on a GPU; return the model."""
    estimator = _estimator(model)
    if type(estimator).__name__ not in KINDS:
        say_once("%s: %s is of another kind" % (WHAT, type(estimator).__name__))
    warm = WARM if hasattr(estimator, "wavenet") else 1
    graph_module(estimator, KINDS, WHAT, device, TABLES, warm=warm)
    return model


def _estimator(model):
    models = getattr(model, "models", None)
    holder = models["cfm"] if models is not None and "cfm" in models else None
    holder = getattr(model, "decoder", None) if holder is None else holder
    return getattr(holder, "estimator", None)
