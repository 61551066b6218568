"""The dimensions of the random models, tiny and as published."""

from __future__ import annotations

# t2s: width, layers, heads. vits: layers, channels of its decoder. bert: layers, units, words.
# hubert: layers, units, convolutions. dit: of v3 and v4 (real: the checkout's own). vocoder: channels.
TINY = {"t2s": (128, 4, 4), "vits": (2, 64), "bert": (3, 256, 1000), "hubert": (2, 256, 64)}
REAL = {
    "t2s": (512, 24, 16),
    "vits": (6, None),
    "bert": (24, 4096, 21128),
    "hubert": (12, 3072, 512),
}
SIZES = {
    "tiny": dict(TINY, dit={"dim": 128, "depth": 2, "heads": 2}, vocoder=64),
    "real": dict(REAL, dit=None, vocoder=None),
}
VOCODER_V4 = {  # as init_vocoder builds it for the published vocoder.pth
    "initial_channel": 100,
    "resblock": "1",
    "resblock_kernel_sizes": [3, 7, 11],
    "resblock_dilation_sizes": [[1, 3, 5]] * 3,
    "upsample_rates": [10, 6, 2, 2, 2],
    "upsample_initial_channel": 512,
    "upsample_kernel_sizes": [20, 12, 4, 4, 4],
    "gin_channels": 0,
    "is_bias": True,
}
VOCODER_V3 = {  # config.json of nvidia/bigvgan_v2_24khz_100band_256x, as far as BigVGAN reads it
    "resblock": "1",
    "resblock_kernel_sizes": [3, 7, 11],
    "resblock_dilation_sizes": [[1, 3, 5]] * 3,
    "upsample_rates": [4, 4, 2, 2, 2, 2],
    "upsample_initial_channel": 1536,
    "upsample_kernel_sizes": [8, 8, 4, 4, 4, 4],
    "num_mels": 100,
    "activation": "snakebeta",
    "snake_logscale": True,
    "use_tanh_at_final": False,
    "use_bias_at_final": False,
}
