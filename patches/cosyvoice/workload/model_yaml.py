"""cosyvoice.yaml in the structure of upstream's examples/libritts/*/conf, as far as speaking needs it."""

from __future__ import annotations

import importlib

import _ttsopt_workload_checkout as checkout
import _ttsopt_workload_dimensions as dimensions

SOUND_YAML = """\
__seed: !apply:torch.manual_seed [1986]
qwen_pretrain_path: ''
sample_rate: {rate}
allowed_special: all
feat_extractor: !name:matcha.utils.audio.mel_spectrogram
  n_fft: {window}
  num_mels: 80
  sampling_rate: {rate}
  hop_size: {hop}
  win_size: {window}
  fmin: 0
  fmax: 8000
  center: False
hift: !new:cosyvoice.hifigan.generator.{causal}HiFTGenerator
  in_channels: 80
  base_channels: {vocoder}
  nb_harmonics: 8
  sampling_rate: {rate}
  nsf_alpha: 0.1
  nsf_sigma: 0.003
  nsf_voiced_threshold: 10
  upsample_rates: {rates}
  upsample_kernel_sizes: {kernels}
  istft_params:
    n_fft: 16
    hop_len: 4
  resblock_kernel_sizes: [3, 7, 11]
  resblock_dilation_sizes: [[1, 3, 5], [1, 3, 5], [1, 3, 5]]
  source_resblock_kernel_sizes: {source}
  source_resblock_dilation_sizes: {dilations}
  lrelu_slope: 0.1
  audio_limit: 0.99
  f0_predictor: !new:cosyvoice.hifigan.f0_predictor.{causal}ConvRNNF0Predictor
    num_class: 1
    in_channels: 80
    cond_channels: {vocoder}
"""
LM_YAML = """\
llm: !new:cosyvoice.llm.llm.{lm_class}
  llm_input_size: {width}
  llm_output_size: {width}
  speech_token_size: {codes}
  sampling: !name:cosyvoice.utils.common.ras_sampling
    top_p: 0.8
    top_k: 25
    win_size: 10
    tau_r: 0.1
"""
WHISPER_YAML = """\
  text_encoder_input_size: 512
  text_token_size: 51866
  spk_embed_dim: 192
  text_encoder: !new:cosyvoice.transformer.encoder.ConformerEncoder
    static_chunk_size: 1
{text}
  llm: !new:cosyvoice.transformer.encoder.TransformerEncoder
    input_size: {width}
    input_layer: linear_legacy
    static_chunk_size: 1
{lm}
get_tokenizer: !name:whisper.tokenizer.get_tokenizer
  multilingual: True
  num_languages: 100
  language: en
  task: transcribe
"""
QWEN_YAML = """\
  llm: !new:cosyvoice.llm.llm.Qwen2Encoder
    pretrain_path: !ref <qwen_pretrain_path>
get_tokenizer: !name:cosyvoice.tokenizer.tokenizer.get_qwen_tokenizer
  token_path: !ref <qwen_pretrain_path>
  skip_special_tokens: True
"""
TRANSFORMER_YAML = """\
    output_size: {}
    num_blocks: {}
    attention_heads: {}
    linear_units: {}
    pos_enc_layer_type: rel_pos_espnet
    selfattention_layer_type: rel_selfattn"""
CONFORMER_YAML = """
    input_size: 512
    input_layer: linear
    normalize_before: True
    use_cnn_module: False
    macaron_style: False"""
FLOW_YAML = """\
flow: !new:cosyvoice.flow.flow.{flow_class}
  output_size: 80
  spk_embed_dim: 192
  output_type: mel
  vocab_size: {codes}
  input_frame_rate: {frames}
  only_mask_loss: True
  decoder: !new:cosyvoice.flow.flow_matching.{cfm_class}
    in_channels: 240
    n_spks: 1
    spk_emb_dim: 80
    cfm_params: !new:omegaconf.DictConfig
      content:
        sigma_min: 1.0e-06
        solver: euler
        t_scheduler: cosine
        training_cfg_rate: 0.2
        inference_cfg_rate: 0.7
        reg_loss_type: l1
    estimator: !new:cosyvoice.flow.{estimator}
"""
UNET_YAML = """
      in_channels: 320
      out_channels: 80
      channels: {channels}
      dropout: 0.0
      attention_head_dim: 64
      n_blocks: {blocks}
      num_mid_blocks: {middle}
      num_heads: {heads}
      act_fn: gelu"""
DIT_YAML = """DiT.dit.DiT
      dim: {}
      depth: {}
      heads: {}
      dim_head: 64
      ff_mult: 2
      mel_dim: 80
      mu_dim: 80
      spk_dim: 80
      out_channels: 80"""
CHUNKED_YAML = """
      static_chunk_size: 50
      num_decoding_left_chunks: -1"""
REGULATOR_YAML = """
  input_size: 512
  encoder: !new:cosyvoice.transformer.encoder.ConformerEncoder
{encoder}
  length_regulator: !new:cosyvoice.flow.length_regulator.InterpolateRegulator
    channels: 80
    sampling_ratios: [1, 1, 1, 1]
"""
UPSAMPLE_YAML = """
  input_size: 512
  token_mel_ratio: 2
  pre_lookahead_len: 3
  encoder: !new:cosyvoice.transformer.upsample_encoder.UpsampleConformerEncoder
    static_chunk_size: 25
{encoder}
"""
LOOK_AHEAD_YAML = """
  input_size: 80
  token_mel_ratio: 2
  pre_lookahead_len: 3
  pre_lookahead_layer: !new:cosyvoice.transformer.upsample_encoder.PreLookaheadLayer
    in_channels: 80
    channels: 1024
    pre_lookahead_len: 3
"""

# The spectrogram, and the vocoder's upsampling to it.
SOUND_OF_1 = {
    "rate": 22050,
    "hop": 256,
    "window": 1024,
    "rates": [8, 8],
    "kernels": [16, 16],
    "source": [7, 11],
}
SOUND = {
    "rate": 24000,
    "hop": 480,
    "window": 1920,
    "rates": [8, 5, 3],
    "kernels": [16, 11, 7],
    "source": [7, 7, 11],
}


def write_config(path, size, generation):
    """cosyvoice.yaml, with these dimensions."""
    codes, frames, _ = dimensions.SPEECH[generation]
    values = {
        "codes": codes,
        "frames": frames,
        "width": size["lm" if generation == 1 else "qwen"][0],
    }
    values.update(vocoder=size["vocoder"], causal="Causal" if generation == checkout.CAUSAL else "")
    values.update(SOUND_OF_1 if generation == 1 else SOUND)
    values["dilations"] = [[1, 3, 5]] * len(values["source"])
    values["lm_class"] = {1: "TransformerLM", 2: "Qwen2LM", 3: "CosyVoice3LM"}[generation]
    values["flow_class"] = "%sWith%s" % (
        "MaskedDiff" if generation == 1 else "CausalMaskedDiff",
        "DiT" if generation == checkout.CAUSAL else "Xvec",
    )
    values["cfm_class"] = "ConditionalCFM" if generation == 1 else "CausalConditionalCFM"
    values["text"], values["encoder"] = (
        TRANSFORMER_YAML.format(*size[name]) + CONFORMER_YAML for name in ("text", "encoder")
    )
    values["lm"] = TRANSFORMER_YAML.format(*size["lm"])
    values["estimator"] = _estimator(size, generation)
    qwen = QWEN_YAML + ("  version: cosyvoice3\n" if generation == checkout.CAUSAL else "")
    parts = (SOUND_YAML, LM_YAML, WHISPER_YAML if generation == 1 else qwen, FLOW_YAML.rstrip())
    parts += ({1: REGULATOR_YAML, 2: UPSAMPLE_YAML, 3: LOOK_AHEAD_YAML}[generation],)
    with open(path, "w", encoding="utf-8") as file:
        file.write("".join(parts).format(**values))


def _estimator(size, generation):
    """Return what the solver evaluates, as this checkout calls it."""
    if generation == checkout.CAUSAL:
        return DIT_YAML.format(*size["dit"]) + CHUNKED_YAML
    channels, blocks, middle, heads = size["unet"]
    levels = [channels] * (2 if generation == 1 else 1)
    unet = UNET_YAML.format(channels=levels, blocks=blocks, middle=middle, heads=heads)
    if generation == 1:
        return "decoder.ConditionalDecoder" + unet
    if hasattr(importlib.import_module("cosyvoice.flow.decoder"), "CausalConditionalDecoder"):
        return "decoder.CausalConditionalDecoder" + unet + CHUNKED_YAML
    # Until b56dfa2 (2025-04-07).
    return "decoder.ConditionalDecoder" + unet + "\n      causal: True"
