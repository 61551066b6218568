"""The dimensions of the random models: the repository's config.yaml (6286b0f; b6fe850), as far as it is read."""

from __future__ import annotations

CONDITION = {
    "input_layer": "conv2d2",
    "perceiver_mult": 2,
    "output_size": 512,
    "linear_units": 2048,
}
CONDITION = dict(CONDITION, attention_heads=8, num_blocks=6)
EMOTION_CONDITION = dict(CONDITION, linear_units=1024, attention_heads=4, num_blocks=4)
SMALL_CONDITION = dict(
    CONDITION, output_size=128, linear_units=256, attention_heads=4, num_blocks=1
)
GPT = {
    "number_text_tokens": 12000,
    "number_mel_codes": 8194,
    "start_mel_token": 8192,
    "stop_mel_token": 8193,
    "start_text_token": 0,
    "stop_text_token": 1,
    "use_mel_codes_as_input": True,
    "mel_length_compression": 1024,
    "train_solo_embeddings": False,
    "condition_type": "conformer_perceiver",
    "condition_module": CONDITION,
}
GPT_1 = dict(GPT, model_dim=1024, heads=16, layers=20, max_mel_tokens=605, max_text_tokens=402)
GPT_1["activation_function"] = "gelu_pytorch_tanh"
GPT_2 = dict(GPT, model_dim=1280, heads=20, layers=24, max_mel_tokens=1815, max_text_tokens=600)
GPT_2["emo_condition_module"] = EMOTION_CONDITION
BIGVGAN = {  # of 1; 2 takes its own from the checkout
    "resblock": "1",
    "upsample_rates": [4, 4, 4, 4, 2, 2],
    "upsample_kernel_sizes": [8, 8, 4, 4, 4, 4],
    "upsample_initial_channel": 1536,
    "resblock_kernel_sizes": [3, 7, 11],
    "resblock_dilation_sizes": [[1, 3, 5]] * 3,
    "feat_upsample": False,
    "speaker_embedding_dim": 512,
    "cond_d_vector_in_each_upsampling_layer": True,
    "gpt_dim": 1024,
    "activation": "snakebeta",
    "snake_logscale": True,
    "num_mels": 100,
}
DVAE = {
    "channels": 100,
    "num_tokens": 8192,
    "hidden_dim": 512,
    "num_resnet_blocks": 3,
    "codebook_dim": 512,
}
DVAE.update(
    num_layers=2, positional_dims=1, kernel_size=3, smooth_l1_loss=True, use_transposed_convs=False
)
CODEC = {"codebook_size": 8192, "hidden_size": 1024, "codebook_dim": 8, "vocos_dim": 384}
CODEC.update(vocos_intermediate_dim=2048, vocos_num_layers=12)
SPECTRUM = {
    "n_fft": 1024,
    "win_length": 1024,
    "hop_length": 256,
    "n_mels": 80,
    "fmin": 0,
    "fmax": "None",
}
EMOTIONS = [3, 17, 2, 8, 4, 5, 10, 24]


def s2mel(width, heads, depth, layers):
    """The part `s2mel` of config.yaml; published: 512, 8, 13, 8."""
    regulator = {
        "channels": width,
        "is_discrete": False,
        "in_channels": 1024,
        "content_codebook_size": 2048,
    }
    regulator.update(sampling_ratios=[1, 1, 1, 1], f0_condition=False)
    dit = {
        "hidden_dim": width,
        "num_heads": heads,
        "depth": depth,
        "content_dim": width,
        "in_channels": 80,
    }
    dit.update(
        style_condition=True, uvit_skip_connection=True, long_skip_connection=True, is_causal=False
    )
    dit.update(final_layer_type="wavenet", content_type="discrete", content_codebook_size=1024)
    wavenet = {"hidden_dim": width, "num_layers": layers, "kernel_size": 5, "dilation_rate": 1}
    wavenet.update(p_dropout=0.2, style_condition=True)
    return {
        "preprocess_params": {"sr": 22050, "spect_params": SPECTRUM},
        "dit_type": "DiT",
        "reg_loss_type": "l1",
        "style_encoder": {"dim": 192},
        "length_regulator": regulator,
        "DiT": dict(dit, class_dropout_prob=0.1),
        "wavenet": wavenet,
    }


# infer_v2.py needs a GPT 1280 wide, the features of w2v-BERT 1024 wide, and of its 18th layer.
TINY_CODES = {"number_mel_codes": 1026, "start_mel_token": 1024, "stop_mel_token": 1025}
SIZES = {
    "tiny": {
        "gpt 1": dict(GPT_1, model_dim=256, heads=4, layers=4, condition_module=SMALL_CONDITION),
        "bigvgan 1": dict(
            BIGVGAN, gpt_dim=256, upsample_initial_channel=128, speaker_embedding_dim=64
        ),
        "gpt 2": dict(GPT_2, layers=1, condition_module=SMALL_CONDITION, **TINY_CODES),
        "codec": dict(
            CODEC, codebook_size=1024, vocos_dim=64, vocos_intermediate_dim=128, vocos_num_layers=2
        ),
        "s2mel": s2mel(64, 2, 2, 1),
        "bigvgan 2": {"upsample_initial_channel": 64},
        "w2v-bert": {"num_hidden_layers": 1, "intermediate_size": 512},
        "ranks": 10000,
    },
    "real": {
        "gpt 1": GPT_1,
        "bigvgan 1": BIGVGAN,
        "gpt 2": GPT_2,
        "codec": CODEC,
        "s2mel": s2mel(512, 8, 13, 8),
        "bigvgan 2": {},
        "ranks": 58836,
        "w2v-bert": {},  # transformers' defaults are those of facebook/w2v-bert-2.0
    },
}
SIZES["tiny"]["gpt 2"]["emo_condition_module"] = SMALL_CONDITION
