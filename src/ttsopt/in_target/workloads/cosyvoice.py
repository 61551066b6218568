"""CosyVoice, end to end through the checkout's own `inference_zero_shot`, streamed and not, with its own defaults.

With random weights the model is CosyVoice 2 where the checkout has it, else CosyVoice 1; TTSOPT_COSYVOICE=1|2|3 in
the environment chooses another. Sizes: `tiny`, and `real` (the dimensions of CosyVoice-300M, CosyVoice2-0.5B,
Fun-CosyVoice3-0.5B). As many speech tokens are made as the text takes to say: a random language model never ends
by itself. Needs 20e0715 (2024-08-29) or newer, for CosyVoice 2 81edc83 (2024-12-16). On a CPU upstream itself
fails to stream until 07352a5 (2024-11-22).

With a folder of weights neither matters: it is a published folder as upstream downloads it, of CosyVoice 1, 2 or 3
by its speech_tokenizer_v<n>.onnx, read by upstream's own loader, and the voice is the checkout's example
asset/zero_shot_prompt.wav. No published weights have been run by us.

Counters: `tokens` of speech that the language model made, `nfe` steps of the flow's ODE solver, `segments` of
text, and the seconds of the stages: `normalise`, `frontend` (features, speech tokens and speaker of the voice),
`llm`, `flow`, `vocoder`. In a stream the language model works beside the others: stages add up to more than the
whole.

A call repeats to the bit with the same seed. The language model draws in a thread of its own, in a stream at the
same time as the vocoder: its draws come from a generator of their own. Since f26cde5 (2026-01-29) CosyVoice 2 and
3 never set back how much longer the chunks of a stream have become: that is left as it is, so the first streams of
a process differ from later ones.
"""

from __future__ import annotations

import base64
import collections
import functools
import importlib
import importlib.util
import inspect
import json
import logging
import os
import random
import sys
import threading
import types

STREAMS = True
WEIGHTS = "random weights, zero ones re-initialised, and random ONNX models: what comes out is sound, not speech"
ENDING = "the end of speech: by the text's length, 14 letters or 4.5 ideographs a second"
TOKENIZER = "the text tokenizer of CosyVoice 2 and 3: Whisper's vocabulary, as Qwen's"
VOICE = "the voice to clone: a hum of two seconds"
PACKAGES = "modelscope, matcha.utils and its pylogger: stand-ins, they take no part in speaking"
LOADING = "torchaudio.load: WAV files are read by soundfile"
EXTENSION = "torchaudio's C extension: left out where it cannot load beside this torch"
DRAWS = "the language model's random draws: from a generator of their own, so that a stream repeats"
NO_GPU = (
    "torch.cuda.synchronize, called without asking for a GPU: without effect, for there is none"
)
NORMALISER = "WeTextProcessing (tn) is not installed: wetext, which has its grammars"
OF_RANDOM, ALWAYS = (WEIGHTS, ENDING, TOKENIZER, VOICE), (PACKAGES, LOADING, EXTENSION, DRAWS)
STANDS_IN = OF_RANDOM + ALWAYS

CLASSES = {1: "CosyVoice", 2: "CosyVoice2", 3: "CosyVoice3"}
EXAMPLES = ("asset/zero_shot_prompt.wav", "zero_shot_prompt.wav")  # the second until December 2024
EXAMPLE_TEXT, VOICE_TEXT = "希望你以后能够做的比我还好呦。", "A low voice hums for a while."
MARK = "<|endofprompt|>"  # CosyVoice 3 refuses a prompt without
INSTRUCTION = "You are a helpful assistant." + MARK
BLANK = "CosyVoice-BlankEN"
TN = ("tn", "tn.chinese", "tn.chinese.normalizer", "tn.english", "tn.english.normalizer")

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
# CosyVoice 3 asserts that <|endofprompt|> is 151646: the fourth special token after Qwen's vocabulary.
QWEN_TOKENS, QWEN_EMBEDDINGS, CAUSAL = 151643, 151936, 3

# cosyvoice.yaml in the structure of upstream's examples/libritts/*/conf, as far as speaking needs it.
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


class UnsupportedCheckoutError(RuntimeError):
    """A version of CosyVoice that cannot be run as asked; the message says what to do."""


speaking = {}


def prepare(job):
    """With random weights: write what is not there yet, voices and a model folder as upstream downloads it."""
    import _ttsopt_stand_ins as stand_ins  # of ttsopt: in_target/stand_ins.py

    if job["weights"] != "random":
        return
    stand_in()
    folder, generation = _folder(job), _generation(job)
    size = _size(job["size"], generation)
    os.makedirs(os.path.join(folder, BLANK), exist_ok=True)
    stand_ins.voices(job, folder, VOICE_TEXT)
    rows = QWEN_EMBEDDINGS if generation == CAUSAL else size["vocabulary"]
    files = {
        "speech_tokenizer_v%d.onnx" % generation: lambda path: _write_tokenizer(
            path, size, generation
        ),
        "campplus.onnx": lambda path: _write_speaker(path, *size["speaker"]),
        BLANK + "/model.safetensors": lambda path: _write_qwen(path, size["qwen"], rows),
        "cosyvoice.yaml": lambda path: _write_config(
            path, size, generation
        ),  # CosyVoice 2's until April 2025, too
        "cosyvoice%d.yaml" % generation: lambda path: _write_config(path, size, generation),
        "hift.pt": _write_weights,
    }
    for name, write in files.items():
        stand_ins.write_once(os.path.join(folder, name), write)


def load(job):
    """Build the checkout's class from the files of `prepare`, or of a folder of weights; return speak."""
    import _ttsopt_instruments as instruments  # of ttsopt: in_target/instruments.py

    global STANDS_IN  # noqa: PLW0603 - what is stood in for depends on the job and the checkout
    stand_in()
    import torch

    torch.set_num_threads(job["threads"])
    model = speaking["model"] = _build(job)
    STANDS_IN = (OF_RANDOM if job["weights"] == "random" else ()) + ALWAYS + _replaced()
    measured = instruments.Instruments()
    _measure(model, measured)
    if job["weights"] == "random":
        _end_by_length(model)
    speak_on = _asking(model, job)
    seed_all = _seeder()

    def speak(utterance, seed):
        measured.clear()
        seed_all(seed)
        chunks, parts = instruments.Chunks(), []
        for part in speak_on(utterance):
            parts.append(part["tts_speech"].flatten().float())
            chunks.add(len(parts[-1]))
        said = {"samples": torch.cat(parts).numpy(), "sample_rate": model.sample_rate}
        said["counters"] = measured.counters()
        return dict(said, chunks=chunks.rows) if job.get("stream") else said

    return speak


def describe():
    """What holds in the models as they are loaded."""
    model, frontend = speaking["model"].model, speaking["model"].frontend
    session = frontend.campplus_session.get_session_options()
    return {
        "device": str(model.device),
        "dtype": str(next(model.llm.parameters()).dtype),
        "flow_dtype": str(next(model.flow.parameters()).dtype),
        "fp16": int(getattr(model, "fp16", False)),
        "ort_threads": session.intra_op_num_threads,
    }


def _asking(model, job):
    """Utterance -> what the checkout's `inference_zero_shot` gives for it, part by part."""
    accepted, voices = inspect.signature(model.inference_zero_shot).parameters, _voices(job)
    load_wav = importlib.import_module("cosyvoice.utils.file_utils").load_wav
    instructed = _generation(job) == CAUSAL
    options = {"stream": True} if job.get("stream") else {}

    def speak_on(utterance):
        voice, said = voices[utterance.get("voice", 0)]
        if instructed and MARK not in said:
            said = INSTRUCTION + said
        if "prompt_speech_16k" in accepted:  # until bfa835a (2025-12-08) the caller reads the file
            voice = load_wav(voice, 16000)
        return model.inference_zero_shot(utterance["text"], said, voice, **options)

    return speak_on


def _measure(model, measured):
    """Have the stages timed, and counted what the checkout's parameters stand for."""
    measured.time(model.frontend, "text_normalize", "normalise")
    measured.time(model.frontend, "frontend_zero_shot", "frontend")
    measured.count(model.frontend, "frontend_zero_shot", "segments")
    measured.time(model.model, "llm_job", "llm")
    measured.time(model.model.flow, "inference", "flow")
    measured.time(model.model.hift, "inference", "vocoder")
    lm, decoder = model.model.llm, model.model.flow.decoder
    infer, solve = lm.inference, decoder.solve_euler

    def inference(*arguments, **options):
        for token in infer(*arguments, **options):
            measured.add("tokens")
            yield token

    def solve_euler(x, t_span, *rest, **options):
        measured.add("nfe", len(t_span) - 1)
        return solve(x, t_span, *rest, **options)

    lm.inference, decoder.solve_euler = inference, solve_euler


def _end_by_length(model):
    """Have the language model make as many tokens as its text takes to say, whatever its weights."""
    lm, decode = model.model.llm, model.frontend.tokenizer.decode
    infer, codes = lm.inference, lm.speech_token_size

    def inference(*arguments, **options):
        tokens = options["text"].flatten().tolist()
        wanted = max(1, round(_seconds(decode(tokens)) * model.model.flow.input_frame_rate))
        # upstream's most: int(tokens * ratio)
        return infer(*arguments, **dict(options, max_token_text_ratio=(wanted + 0.5) / len(tokens)))

    def never_end(_, __, scores):
        scores[..., codes:] = float("-inf")
        return scores

    lm.inference = inference
    lm.llm_decoder.register_forward_hook(never_end)


def _seconds(text):
    return sum(1 / 4.5 if ord(one) >= 0x2E80 else 1 / 14 for one in text)  # noqa: PLR2004 - where CJK begins


def _seeder():
    """A function that seeds every generator; the language model's thread gets a new one of its own."""
    import numpy as np
    import torch

    main, own, multinomial = threading.current_thread(), {}, torch.Tensor.multinomial

    @functools.wraps(multinomial)
    def draw(weights, *arguments, **options):
        if threading.current_thread() is not main:
            if weights.device not in own:
                own[weights.device] = torch.Generator(weights.device).manual_seed(own["seed"])
            options["generator"] = own[weights.device]
        return multinomial(weights, *arguments, **options)

    def seed_all(seed):
        own.clear()
        own["seed"] = seed
        random.seed(seed)
        np.random.seed(seed)
        torch.manual_seed(seed)

    torch.Tensor.multinomial = draw
    return seed_all


def _build(job):
    """The checkout's class on the folder, by whatever parameters this version has."""
    import torch

    folder, generation = _folder(job), _generation(job)
    needed = [
        os.path.join(folder, name) for name in ("llm.pt", "flow.pt", "hift.pt", "campplus.onnx")
    ]
    missing = [path for path in needed if not os.path.exists(path)]
    if missing:
        raise FileNotFoundError("CosyVoice needs %s" % ", ".join(missing))
    found = _classes()[generation]
    accepted, options = inspect.signature(found.__init__).parameters, {}
    if job["weights"] == "random" and "load_jit" in accepted:
        # The default until January 2025: TorchScript files, which random weights do not come with.
        options["load_jit"] = False
    # As upstream's cosyvoice.yaml does: some versions draw the flow's noise when they load.
    torch.manual_seed(1986)
    model = found(folder, **options)
    model.sample_rate = getattr(model, "sample_rate", 22050)  # the first versions have none
    return model


def _classes():
    """The checkout's classes by number."""
    try:
        module = importlib.import_module("cosyvoice.cli.cosyvoice")
        accepted = inspect.signature(module.CosyVoice.inference_zero_shot).parameters
    except ModuleNotFoundError as error:
        if error.name != "ttsfrd":
            raise
        accepted = ()
    if "stream" not in accepted:
        raise UnsupportedCheckoutError(
            "this CosyVoice cannot stream yet: 20e0715 (2024-08-29) or newer is needed"
        )
    return {
        number: getattr(module, name) for number, name in CLASSES.items() if hasattr(module, name)
    }


def _generation(job):
    """1, 2 or 3; UnsupportedCheckoutError where the checkout lacks its class."""
    if job["weights"] != "random":
        name = os.path.join(job["weights"], "speech_tokenizer_v%d.onnx")
        kept = [number for number in CLASSES if os.path.exists(name % number)]
        if not kept:
            raise FileNotFoundError(
                "%s holds no speech_tokenizer_v<n>.onnx of CosyVoice" % job["weights"]
            )
        wanted = kept[-1]
    else:
        wanted = int(os.environ.get("TTSOPT_COSYVOICE") or min(2, max(_classes())))
    if wanted not in _classes():
        raise UnsupportedCheckoutError(
            "this checkout has no CosyVoice %d, only %s" % (wanted, sorted(_classes()))
        )
    return wanted


def _folder(job):
    if job["weights"] != "random":
        return job["weights"]
    return os.path.join(job["scratch"], "cosyvoice%d-%s" % (_generation(job), job["size"]))


def _voices(job):
    """Voice number -> file, and what is said in it."""
    import _ttsopt_stand_ins as stand_ins  # of ttsopt: in_target/stand_ins.py

    if job["weights"] == "random" or job.get("prompt_audio"):
        return stand_ins.voices(job, _folder(job), VOICE_TEXT)
    files = [os.path.join(job["view"], name) for name in EXAMPLES]
    example = next((path for path in files if os.path.exists(path)), files[0])
    return collections.defaultdict(lambda: (example, EXAMPLE_TEXT))


# ---- random models ----


def _size(name, generation):
    """The dimensions of a model."""
    size, model = dict(SIZES[name]), importlib.import_module("cosyvoice.cli.model")
    # From b56dfa2 (2025-04-07) until 3c921da (2025-05-23) its caches have the published flow's dimensions.
    if CLASSES[generation] == "CosyVoice2" and hasattr(model.CosyVoice2Model, "init_flow_cache"):
        size.update(encoder=REAL["encoder"], unet=REAL["unet"])
    return size


def _write_config(path, size, generation):
    """cosyvoice.yaml, with these dimensions."""
    codes, frames, _ = SPEECH[generation]
    values = {
        "codes": codes,
        "frames": frames,
        "width": size["lm" if generation == 1 else "qwen"][0],
    }
    values.update(vocoder=size["vocoder"], causal="Causal" if generation == CAUSAL else "")
    if generation == 1:
        values.update(
            rate=22050, hop=256, window=1024, rates=[8, 8], kernels=[16, 16], source=[7, 11]
        )
    else:
        values.update(
            rate=24000,
            hop=480,
            window=1920,
            rates=[8, 5, 3],
            kernels=[16, 11, 7],
            source=[7, 7, 11],
        )
    values["dilations"] = [[1, 3, 5]] * len(values["source"])
    values["lm_class"] = {1: "TransformerLM", 2: "Qwen2LM", 3: "CosyVoice3LM"}[generation]
    values["flow_class"] = "%sWith%s" % (
        "MaskedDiff" if generation == 1 else "CausalMaskedDiff",
        "DiT" if generation == CAUSAL else "Xvec",
    )
    values["cfm_class"] = "ConditionalCFM" if generation == 1 else "CausalConditionalCFM"
    values["text"], values["encoder"] = (
        TRANSFORMER_YAML.format(*size[name]) + CONFORMER_YAML for name in ("text", "encoder")
    )
    values["lm"] = TRANSFORMER_YAML.format(*size["lm"])
    values["estimator"] = _estimator(size, generation)
    qwen = QWEN_YAML + ("  version: cosyvoice3\n" if generation == CAUSAL else "")
    parts = (SOUND_YAML, LM_YAML, WHISPER_YAML if generation == 1 else qwen, FLOW_YAML.rstrip())
    parts += ({1: REGULATOR_YAML, 2: UPSAMPLE_YAML, 3: LOOK_AHEAD_YAML}[generation],)
    with open(path, "w", encoding="utf-8") as file:
        file.write("".join(parts).format(**values))


def _estimator(size, generation):
    """What the solver evaluates, as this checkout calls it."""
    if generation == CAUSAL:
        return DIT_YAML.format(*size["dit"]) + CHUNKED_YAML
    channels, blocks, middle, heads = size["unet"]
    levels = [channels] * (2 if generation == 1 else 1)
    unet = UNET_YAML.format(channels=levels, blocks=blocks, middle=middle, heads=heads)
    if generation == 1:
        return "decoder.ConditionalDecoder" + unet
    if hasattr(importlib.import_module("cosyvoice.flow.decoder"), "CausalConditionalDecoder"):
        return "decoder.CausalConditionalDecoder" + unet + CHUNKED_YAML
    return (
        "decoder.ConditionalDecoder" + unet + "\n      causal: True"
    )  # until b56dfa2 (2025-04-07)


def _write_weights(path):
    """llm.pt, flow.pt and, last, hift.pt: what the checkout's own models start with.

    Zero-initialised weights (AdaLN) would make what comes after them 0.
    """
    import torch
    from hyperpyyaml import load_hyperpyyaml

    folder = os.path.dirname(path)
    blank = {"qwen_pretrain_path": os.path.join(folder, BLANK)}
    with open(os.path.join(folder, "cosyvoice.yaml"), encoding="utf-8") as file:
        parts = load_hyperpyyaml(file, overrides=blank)
    for name, where in (("llm", "llm.pt"), ("flow", "flow.pt"), ("hift", os.path.basename(path))):
        for key, weight in parts[name].named_parameters():
            if key.endswith("weight") and not weight.any():
                torch.nn.init.normal_(weight, std=0.02)
        torch.save(parts[name].state_dict(), os.path.join(folder, where))


def _write_qwen(path, dimensions, rows):
    """CosyVoice-BlankEN: tokenizer and a random Qwen2, whose weights come last."""
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    folder = os.path.dirname(path)
    _write_vocabulary(folder, rows)
    width, layers, heads, units = dimensions
    config = Qwen2Config(
        vocab_size=rows,
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=heads // 7 or 1,
        intermediate_size=units,
        tie_word_embeddings=True,
    )
    torch.manual_seed(0)
    model = Qwen2ForCausalLM(config).to(torch.bfloat16)  # as published
    model.save_pretrained(folder)
    os.replace(os.path.join(folder, "model.safetensors"), path)


def _write_vocabulary(folder, rows):
    """Whisper's multilingual byte-pair vocabulary in the files of Qwen's tokenizer."""
    import whisper

    with open(
        os.path.join(os.path.dirname(whisper.__file__), "assets", "multilingual.tiktoken"), "rb"
    ) as file:
        ranks = {base64.b64decode(line.split()[0]): number for number, line in enumerate(file)}
    shown = _shown_bytes()
    names = ["".join(shown[byte] for byte in token) for token in ranks]
    if rows == QWEN_EMBEDDINGS:  # filled up to its size, for what comes after must have its numbers
        names += ["<|filler%d|>" % number for number in range(len(names), QWEN_TOKENS)]
    merges = [_halves(token, ranks) for token in ranks if len(token) > 1]
    lines = [
        "%s %s" % tuple("".join(shown[byte] for byte in half) for half in pair) for pair in merges
    ]
    with open(os.path.join(folder, "vocab.json"), "w", encoding="utf-8") as file:
        json.dump({name: number for number, name in enumerate(names)}, file)
    with open(os.path.join(folder, "merges.txt"), "w", encoding="utf-8") as file:
        file.write("\n".join(["#version: 0.2", *lines]) + "\n")
    with open(os.path.join(folder, "tokenizer_config.json"), "w", encoding="utf-8") as file:
        json.dump({"tokenizer_class": "Qwen2Tokenizer"}, file)


def _shown_bytes():
    """The character that GPT-2's and Qwen's vocabularies show for each byte."""
    printable = {*range(33, 127), *range(161, 173), *range(174, 256)}
    others = [byte for byte in range(256) if byte not in printable]
    return {
        **{byte: chr(byte) for byte in printable},
        **{byte: chr(256 + i) for i, byte in enumerate(others)},
    }


def _halves(token, ranks):
    """The two tokens that byte-pair encoding joins into this one, last."""
    parts = [token[i : i + 1] for i in range(len(token))]
    while len(parts) > 2:  # noqa: PLR2004
        joined = [ranks.get(one + two, len(ranks)) for one, two in zip(parts, parts[1:])]
        first = joined.index(min(joined))
        parts[first : first + 2] = [parts[first] + parts[first + 1]]
    return parts


def _write_speaker(path, width, layers):
    """A graph of the shape of campplus: features (1, T, 80) to a speaker's 192 values."""
    import torch
    from torch import nn

    class Speaker(nn.Module):
        def __init__(self):
            super().__init__()
            widths = [80] + [width] * layers
            pairs = zip(widths, widths[1:])
            rows = [
                part
                for one, two in pairs
                for part in (nn.Conv1d(one, two, 3, padding=1), nn.ReLU())
            ]
            self.layers, self.out = nn.Sequential(*rows), nn.Linear(width, 192)

        def forward(self, features):
            return self.out(self.layers(features.transpose(1, 2)).mean(2))

    torch.manual_seed(0)
    _export(Speaker(), path, {"features": torch.zeros(1, 200, 80)}, 1)


def _write_tokenizer(path, size, generation):
    """A graph of the shape of speech_tokenizer_v<n>: mel (1, 128, T) and its length to codes (1, T / stride)."""
    import torch
    from torch import nn

    (width, layers, heads, units), (codes, _, stride) = size["speech"], SPEECH[generation]

    class Layer(nn.Module):
        def __init__(self):
            super().__init__()
            self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
            self.attend, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
            self.feed = nn.Sequential(nn.Linear(width, units), nn.GELU(), nn.Linear(units, width))

        def forward(self, x):
            rows = (
                self.attend(self.before(x))
                .view(1, -1, 3, heads, width // heads)
                .permute(2, 0, 3, 1, 4)
            )
            shares = (rows[0] @ rows[1].transpose(2, 3) * (width // heads) ** -0.5).softmax(-1)
            x = x + self.out((shares @ rows[2]).transpose(1, 2).reshape(1, -1, width))
            return x + self.feed(self.between(x))

    class Tokenizer(nn.Module):
        def __init__(self):
            super().__init__()
            self.one = nn.Conv1d(128, width, 3, stride=2, padding=1)
            self.two = nn.Conv1d(width, width, 3, stride=stride // 2, padding=1)
            self.layers = nn.Sequential(*(Layer() for _ in range(layers)))
            self.norm, self.out = nn.LayerNorm(width), nn.Linear(width, codes)

        def forward(self, feats, feats_length):
            x = self.layers(self.two(self.one(feats).relu()).relu().transpose(1, 2))
            x = self.norm(
                x - x.mean(1, keepdim=True)
            )  # else random layers give the same code everywhere
            return self.out(x).argmax(-1) + (feats_length - feats_length)

    torch.manual_seed(0)
    _export(
        Tokenizer(),
        path,
        {"feats": torch.zeros(1, 128, 200), "feats_length": torch.ones(1).int()},
        2,
    )


def _export(module, path, inputs, time_axis):
    """An ONNX file; the first input's time is of any length."""
    import torch

    torch.onnx.export(
        module.eval(),
        tuple(inputs.values()),
        path,
        input_names=list(inputs),
        dynamic_axes={next(iter(inputs)): {time_axis: "time"}},
        dynamo=False,
    )


# ---- stand-ins ----


def stand_in():
    """Put the stand-ins where the checkout's imports find them."""
    import _ttsopt_stand_ins as stand_ins  # of ttsopt: in_target/stand_ins.py
    import torch

    if not torch.cuda.is_available():  # until c901a12 (2024-09-06) it is called all the same
        torch.cuda.synchronize = lambda *_: None
    stand_ins.import_torchaudio().load = stand_ins.load_audio
    hub = types.ModuleType("modelscope")
    hub.snapshot_download = None  # a folder is given: never called
    sys.modules["modelscope"] = hub
    _stand_in_for_matcha()
    if importlib.util.find_spec("tn") is None and importlib.util.find_spec("ttsfrd") is None:
        _stand_in_for_tn()


def _stand_in_for_tn():
    """What the front end imports until 0c50894 (2025-12-15), by the package that it imports since."""
    for name in TN:
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].Normalizer = Normalizer


def Normalizer(overwrite_cache=False, **options):  # noqa: N802, ARG001 - tn's names
    """The class of tn: wetext has no cache to write."""
    import wetext

    return wetext.Normalizer(**options)


def _replaced():
    """The sentences on what this checkout took stand-ins for, and others do not."""
    import torch

    imported = getattr(sys.modules["cosyvoice.cli.frontend"], "ZhNormalizer", None)
    waits = "    torch.cuda.synchronize()" in inspect.getsource(sys.modules["cosyvoice.cli.model"])
    no_gpu = (NO_GPU,) if waits and not torch.cuda.is_available() else ()
    return no_gpu + ((NORMALISER,) if imported is Normalizer else ())


def _stand_in_for_matcha():
    """Matcha without what its utils import for training: lightning, hydra, rootutils."""
    import matcha  # of third_party/Matcha-TTS where the checkout has it, else installed

    utils = types.ModuleType("matcha.utils")
    utils.__path__ = [os.path.join(folder, "utils") for folder in matcha.__path__]
    logger = types.ModuleType("matcha.utils.pylogger")
    logger.get_pylogger = logging.getLogger
    sys.modules["matcha.utils"] = matcha.utils = utils
    sys.modules["matcha.utils.pylogger"] = logger
