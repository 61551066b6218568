"""The dimensions of the random models, tiny and as published."""

from __future__ import annotations

import importlib

import _ttsopt_workload_checkout as checkout

# Of each model: codes of speech, codes a second, stride of the speech tokenizer.
SPEECH = {1: (4096, 50, 2), 2: (6561, 25, 4), 3: (6561, 25, 4)}
# Width, layers, heads and units of transformers (the flow's encoder is 512 wide in its code); channels, blocks,
# middle blocks and heads of the U-Net; width and layers of the speaker's model; rows of CosyVoice 2's vocabulary.
TINY = {
    "text": (128, 1, 2, 256),
    "lm": (128, 2, 2, 256),
    "qwen": (128, 2, 2, 256),
    "dit": (128, 2, 2, 256),
}
TINY.update(encoder=(512, 1, 8, 512), unet=(64, 1, 2, 2), vocoder=128, speech=(128, 2, 2, 512))
TINY.update(speaker=(64, 2), vocabulary=51200)
REAL = {"text": (1024, 6, 16, 4096), "lm": (1024, 14, 16, 4096), "qwen": (896, 24, 14, 4864)}
REAL.update(dit=(1024, 22, 16, 2048), encoder=(512, 6, 8, 2048), unet=(256, 4, 12, 8), vocoder=512)
REAL.update(speech=(1280, 6, 20, 5120), speaker=(512, 8), vocabulary=151936)
SIZES = {"tiny": TINY, "real": REAL}


def size(name, generation):
    """The dimensions of a model."""
    size, model = dict(SIZES[name]), importlib.import_module("cosyvoice.cli.model")
    # From b56dfa2 (2025-04-07) until 3c921da (2025-05-23) its caches have the published flow's dimensions.
    if checkout.CLASSES[generation] == "CosyVoice2" and hasattr(
        model.CosyVoice2Model, "init_flow_cache"
    ):
        size.update(encoder=REAL["encoder"], unet=REAL["unet"])
    return size
