"""IndexTTS, end to end through the checkout's own `infer`.

Three classes lie side by side: IndexTTS (infer.py, 1.x), IndexTTS2 of infer_v2.py (2) and of infer_v2_5.py (2.5).
With a folder of weights its config.yaml's `version` says which one speaks. With random weights it is the newest
that the checkout holds; where a patch is measured that leaves the newer ones alone, the newest that it touches.
The voice, the text and (2.5) the language are passed to `infer`; all else are the checkout's defaults. Needs
4f87155 (2025-04-11) or newer, with a CUDA device 60a1624 (2025-03-26). Since 49db8ba (2025-09-30) 2 and 2.5
stream, a segment of text at a time.

Sizes, with random weights: `tiny`, and `real` (the dimensions of 1 and 2 as in the repository's own config.yaml;
2.5's is not there: it is given 2's, and as many text tokens as CosyVoice, whose vocabulary it has).

With a folder of weights the size does not matter. It holds what is published for its version, and for 2 and 2.5
hf_cache/ as upstream's own download fills it since 803a082 (2026-06-12), for older checkouts too:
    1    config.yaml, bpe.model, gpt.pth, bigvgan_generator.pth; dvae.pth for checkouts before May 2025
    2    config.yaml, bpe.model, gpt.pth, s2mel.pth, feat1.pt, feat2.pt, wav2vec2bert_stats.pt, qwen0.6bemo4-merge/
    2.5  the same with codec.pth, and multilingual_zh_ja_yue_char_del.tiktoken in the place of bpe.model
    hf_cache/  w2v-bert-2.0/, semantic_codec_model.safetensors (2), campplus_cn_common.bin, bigvgan/
    voices/*.wav  the voices to clone; where there are none, a hum
Not run by us.

Counters: `tokens` of speech, `gpt_steps` (calls of the GPT for them), `beams`, `segments` of text, `nfe` calls of
the flow's estimator; seconds of the stages `reference` (w2v-BERT), `gpt`, `latent` (the GPT once more), `cfm`,
`vocoder`: those that the version has. Seeded is where sampling begins, so that a call repeats, be its voice cached
or not.
"""

from __future__ import annotations

import base64
import collections
import contextlib
import glob
import importlib
import importlib.util
import inspect
import json
import os
import random
import re
import sys
import types

WEIGHTS = "random weights, zero ones re-initialised: what comes out is sound, not speech"
HUM = "the voice to clone: a hum of two seconds"
LENGTH = "where speech ends: by the text, 14 letters or 4.5 Chinese characters a second"
WORDS = "the vocabulary: of Python's help texts and GB 2312"
EMOTION = "QwenEmotion, which finds the emotion of a text: left out, for nobody asks for that"
SHALLOW = "w2v-BERT 2.0: one layer"
FILES = "torchaudio.load and save: WAV by soundfile; its C extension left out where it cannot load"
NORMALIZER = "WeTextProcessing: wetext, which upstream takes where it is not Linux"
TRAINING = "audiotools and argbind: empty stand-ins, they take no part in speaking"
STANDS_IN = (WEIGHTS, HUM, LENGTH, WORDS, FILES)
STREAMS = True

# Module, class, tokens of speech a second: 24000 / 1024 Hz; 22050 / 256 / 1.72 Hz, and half of it.
VERSIONS = {
    "1": ("indextts.infer", "IndexTTS", 23.44),
    "2": ("indextts.infer_v2", "IndexTTS2", 50.08),
    "2.5": ("indextts.infer_v2_5", "IndexTTS2", 25.04),
}
VOICE_BEFORE = 1000  # the number of a voice that nobody asks for
CJK = re.compile("[\u4e00-\u9fff]")  # CJK Unified Ideographs
TIKTOKEN = "multilingual_zh_ja_yue_char_del.tiktoken"
PIECES, SPECIAL = 10000, 1679  # of bpe.model; tokens that tokenizer.py adds to the .tiktoken
NEVER = -1e4  # the bias of the token that ends speech

# ---- dimensions: config.yaml of the repository (6286b0f; b6fe850), as far as the code reads it ----

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

_built = []  # the system of `load`, for `describe`


class UnsupportedCheckoutError(RuntimeError):
    """A release of IndexTTS that cannot be run as asked; the message says what to do."""


def prepare(job):
    """Write voices and, with random weights, all that the chosen class loads."""
    import _ttsopt_stand_ins as stand_ins  # of ttsopt: in_target/stand_ins.py

    _write_voices(job)
    if job["weights"] != "random":
        return
    folder = _folder(job)
    os.makedirs(os.path.join(folder, "hf_cache", "bigvgan"), exist_ok=True)
    module, _ = _import(job, _version(job))
    _seed(0)
    for name, write in _files(module, job).items():
        stand_ins.write_once(os.path.join(folder, name), write)


def load(job):
    """Build the chosen class from the files of `prepare`, or from a folder of weights; return speak."""
    global STANDS_IN
    import _ttsopt_instruments as instruments  # of ttsopt: in_target/instruments.py
    import torch

    torch.set_num_threads(job["threads"])
    version, folder = _version(job), _folder(job)
    module, STANDS_IN = _import(job, version)
    _find_locally(module, os.path.join(folder, "hf_cache"))
    tts = _build(getattr(module, VERSIONS[version][1]), folder)
    _built[:] = [tts, version]
    if job["weights"] == "random":
        _pin_length(tts, version, folder)
        _deepen(tts)
    watched = instruments.Instruments()
    call = _watch(tts, version, watched)

    def speak(utterance, seed):
        watched.clear()
        call.seed, call.beams = seed, []
        chunks = instruments.Chunks()
        rate, samples = _infer(tts, job, version, utterance, chunks)
        counters = dict(watched.counters(), beams=max(call.beams))
        row = {
            "samples": samples.astype("float32") / 32768,
            "sample_rate": rate,
            "counters": counters,
        }
        return dict(row, chunks=chunks.rows) if job.get("stream") else row

    if (
        job["task"] == "trace"
    ):  # as in a service, where another voice spoke before: it is then let go
        speak(dict(job["utterances"][0], voice=VOICE_BEFORE), job["seed"])
    return speak


def describe():
    """What the models really are."""
    tts, version = _built
    first, vocoder = next(tts.gpt.parameters()), next(tts.bigvgan.parameters())
    return {
        "device": str(first.device),
        "dtype": str(first.dtype),
        "vocoder dtype": str(vocoder.dtype),
        "class": "%s.%s" % VERSIONS[version][:2],
        "kv cache": str(tts.gpt.inference_model.kv_cache),
    }


def _build(system, folder):
    """The checkout's system, on a folder of weights."""
    import torch

    if not _accepts(system, "device") and not torch.cuda.is_available():
        raise UnsupportedCheckoutError(
            "without a CUDA device IndexTTS 4f87155 (2025-04-11) or newer is needed"
        )
    return system(os.path.join(folder, "config.yaml"), folder)


# ---- speaking ----


def _infer(tts, job, version, utterance, chunks):
    """(rate in Hz, 16-bit samples) of the checkout's `infer`; notes the chunks of a stream."""
    import numpy as np

    arguments = [_voice(job, utterance), utterance["text"], None]
    if version == "2.5":
        arguments.append("ZH" if CJK.search(utterance["text"]) else "EN")
    if job.get("stream"):
        if not _accepts(type(tts), "stream_return", "infer"):
            raise UnsupportedCheckoutError(
                "only IndexTTS 2 streams, of 49db8ba (2025-09-30) or newer"
            )
        parts = []
        for part in tts.infer(*arguments, stream_return=True):
            parts.append(part.numpy().astype("int16").reshape(-1))
            chunks.add(len(parts[-1]))
        return 22050, np.concatenate(parts)
    returned = tts.infer(*arguments)
    if returned is None:  # before 84828da (2025-04-17) it only saves
        samples, rate = sys.modules["torchaudio"].saved.pop()
        return rate, samples.numpy().reshape(-1)
    return returned[0], returned[1].reshape(-1)


def _seed(seed):
    """Seed every generator: sampling, and the noise of the flow, draw from torch's."""
    import numpy as np
    import torch

    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def _watch(tts, version, watched):
    """Stages and counters; returns what holds the seed of a call, and the beams of its segments.

    Seeded is where sampling begins: before, w2v-BERT draws numbers as well (for the layers that training drops),
    but only for a voice that is not the last one.
    """
    call, generate = types.SimpleNamespace(seed=0, beams=[]), tts.gpt.inference_speech

    def inference_speech(*arguments, **options):
        if not call.beams:
            _seed(call.seed)
        codes = generate(*arguments, **options)
        tokens = codes[0] if isinstance(codes, tuple) else codes
        call.beams.append(options.get("num_beams", 1))
        watched.add("segments")
        watched.add("tokens", int((tokens != tts.gpt.stop_mel_token).sum()))
        return codes

    tts.gpt.inference_speech = inference_speech
    watched.time(tts.gpt, "inference_speech", "gpt")
    watched.count(tts.gpt.inference_model, "forward", "gpt_steps")
    watched.time(tts.bigvgan, "forward", "vocoder")
    if hasattr(tts, "s2mel"):
        flow = tts.s2mel.models["cfm"]
        watched.time(tts, "get_emb", "reference")
        watched.time(flow, "inference", "cfm")
        watched.count(flow.estimator, "forward", "nfe")
    if version != "2.5":
        watched.time(tts.gpt, "forward", "latent")
    return call


def _pin_length(tts, version, folder):
    """End speech by the text: random weights never do. No further than the checkout lets it."""
    generate, rate = tts.gpt.inference_speech, VERSIONS[version][2]
    read = _reader(tts, version, folder)

    def inference_speech(condition, text_tokens, *arguments, **options):
        text = read(text_tokens[0].tolist())
        syllables = len(CJK.findall(text))
        letters = len(" ".join(CJK.sub(" ", text).split()))
        count = max(8, round(rate * (syllables / 4.5 + letters / 14)))
        options["max_generate_length"] = min(count + 1, options["max_generate_length"])
        options["forced_eos_token_id"] = tts.gpt.stop_mel_token
        return generate(condition, text_tokens, *arguments, **options)

    tts.gpt.inference_speech = inference_speech


def _reader(tts, version, folder):
    """What turns text tokens into text."""
    if version == "2.5":
        return lambda tokens: re.sub(r"<\|[^|]*\|>", "", tts.tokenizer.decode(tokens))
    import sentencepiece

    pieces = sentencepiece.SentencePieceProcessor(model_file=os.path.join(folder, "bpe.model"))
    return pieces.decode


def _deepen(tts):
    """Have the one layer of a tiny w2v-BERT pass for the 18th, which get_emb asks for."""
    model = getattr(tts, "semantic_model", None)
    if model is None or model.config.num_hidden_layers > 1:
        return
    forward = model.forward

    def deep(*arguments, **options):
        output = forward(*arguments, **options)
        output["hidden_states"] += output["hidden_states"][-1:] * 16
        return output

    model.forward = deep


# ---- which class, and what its imports find ----


def _version(job):
    """The key of VERSIONS that speaks."""
    if job["weights"] != "random":
        import yaml

        with open(os.path.join(job["weights"], "config.yaml"), encoding="utf-8") as file:
            number = float(yaml.safe_load(file).get("version", 1))
        return "1" if number < 2 else "2" if number < 2.5 else "2.5"  # noqa: PLR2004
    held = [
        version for version in VERSIONS if os.path.exists(os.path.join(job["view"], _path(version)))
    ]
    planned = {os.path.basename(row["path"]) for row in job.get("files", ())}
    touched = [version for version in held if os.path.basename(_path(version)) in planned]
    if not held:
        raise UnsupportedCheckoutError("this checkout has no indextts/infer.py")
    return (touched or held)[-1]


def _path(version):
    return VERSIONS[version][0].replace(".", "/") + ".py"


def _folder(job):
    """Where the weights are."""
    if job["weights"] != "random":
        return job["weights"]
    return os.path.join(job["scratch"], "index-tts-%s-%s" % (_version(job), job["size"]))


def _import(job, version):
    """The module of the class, stand-ins in place; and what they are, in words."""
    import _ttsopt_stand_ins as stand_ins  # of ttsopt: in_target/stand_ins.py

    torchaudio = stand_ins.import_torchaudio()
    torchaudio.load, torchaudio.saved = stand_ins.load_audio, []
    torchaudio.save = _saving(torchaudio.saved, stand_ins.save_audio)
    replaced = (FILES,) + _normalizer() + (_audiotools() if version != "1" else ())
    try:
        module = importlib.import_module(VERSIONS[version][0])
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "utils":
            raise
        message = "this checkout imports itself as `utils`: IndexTTS 60a1624 (2025-03-26) or newer is needed"
        raise UnsupportedCheckoutError(message) from None
    if not job.get("prompt_audio") and not _published_voices(job):
        replaced = (HUM,) + replaced
    if job["weights"] != "random":
        return module, replaced
    if hasattr(module, "QwenEmotion"):
        module.QwenEmotion = type("QwenEmotion", (), {"__init__": lambda *_: None})
        replaced = (EMOTION,) + (SHALLOW,) * (job["size"] == "tiny") + replaced
    return module, (WEIGHTS, LENGTH, WORDS) + replaced


def _saving(saved, save):
    """torchaudio.save that keeps what has no file to go to."""

    def save_audio(path, samples, rate, **options):
        saved.append((samples, rate)) if path is None else save(path, samples, rate, **options)

    return save_audio


def _normalizer():
    """Wetext in the place of WeTextProcessing (`tn`), where that is not installed."""
    with contextlib.suppress(ImportError):
        importlib.import_module("tn.chinese.normalizer")
        return ()
    import wetext

    def normalizer(**own):
        # NormalizerZh and NormalizerEn take options for their caches, which wetext has no need of.
        return lambda *_, **__: wetext.Normalizer(**own)

    languages = {"chinese": normalizer(remove_erhua=False, lang="zh", operator="tn")}
    languages["english"] = normalizer(lang="en", operator="tn")
    sys.modules["tn"] = types.ModuleType("tn")
    for language, build in languages.items():
        sys.modules["tn." + language] = types.ModuleType(language)
        module = types.ModuleType("normalizer")
        module.Normalizer = build
        sys.modules["tn.%s.normalizer" % language] = module
    return (NORMALIZER,)


def _audiotools():
    """What the checkout's copy of DAC, for training, imports: where that is not installed."""
    import torch

    if importlib.util.find_spec("audiotools"):
        return ()
    names = ("audiotools", "audiotools.ml", "audiotools.core", "audiotools.core.util", "argbind")
    for name in names:
        sys.modules[name] = types.ModuleType(name)
    audiotools, ml, core, util, argbind = (sys.modules[name] for name in names)
    audiotools.AudioSignal = audiotools.STFTParams = ml.Accelerator = object
    audiotools.ml, audiotools.core, core.util = ml, core, util
    ml.BaseModel = type("BaseModel", (torch.nn.Module,), {"INTERN": [], "EXTERN": []})
    argbind.bind = lambda *_, **__: lambda function: function
    return (TRAINING,)


def _find_locally(module, cache):
    """Have checkouts of 2 that download by name (before 803a082) find hf_cache/."""
    if not hasattr(module, "hf_hub_download"):
        return
    module.hf_hub_download = lambda _, filename: os.path.join(cache, filename.replace("/", "_"))
    speech = importlib.import_module("indextts.utils.maskgct_utils").Wav2Vec2BertModel
    names = {module.SeamlessM4TFeatureExtractor: "w2v-bert-2.0", speech: "w2v-bert-2.0"}
    names[module.bigvgan.BigVGAN] = "bigvgan"
    for owner, name in names.items():
        owner.from_pretrained = _redirected(owner.from_pretrained, os.path.join(cache, name))


def _redirected(from_pretrained, folder):
    return lambda _, **options: from_pretrained(folder, **options)


# ---- voices ----


def _published_voices(job):
    if job["weights"] == "random":
        return []
    return sorted(glob.glob(os.path.join(job["weights"], "voices", "*.wav")))


def _voice(job, utterance):
    """The file of the voice to clone."""
    if job.get("prompt_audio"):
        return job["prompt_audio"]
    number, published = utterance.get("voice", 0), _published_voices(job)
    if published:
        return published[number % len(published)]
    return os.path.join(job["scratch"], "index-tts-voice-%d.wav" % number)


def _write_voices(job):
    """A hum for every voice that is asked for, and for the one before."""
    import _ttsopt_stand_ins as stand_ins  # of ttsopt: in_target/stand_ins.py

    if job.get("prompt_audio") or _published_voices(job):
        return
    rows = job["utterances"] + [{"voice": VOICE_BEFORE}, job.get("warmup_utterance") or {}]
    for number in {row.get("voice", 0) for row in rows}:
        path = _voice(job, {"voice": number})
        stand_ins.write_once(path, lambda path, number=number: stand_ins.write_voice(path, number))


# ---- random weights: (file, what writes it), of the checkout's own classes ----


def _files_of_1(module, job):
    """What IndexTTS loads."""
    size, folder = SIZES[job["size"]], _folder(job)
    gpt = {
        name: value for name, value in size["gpt 1"].items() if _accepts(module.UnifiedVoice, name)
    }
    config = {
        "dataset": {"bpe_model": os.path.join(folder, "bpe.model")},
        "gpt": gpt,
        "vqvae": DVAE,
    }
    config.update(bigvgan=size["bigvgan 1"], gpt_checkpoint="gpt.pth", dvae_checkpoint="dvae.pth")
    config["bigvgan_checkpoint"] = "bigvgan_generator.pth"
    files = {
        "config.yaml": lambda path: _write_json(config, path),
        "bpe.model": _write_pieces,
        "gpt.pth": lambda path: _save(_endless(module.UnifiedVoice(**gpt), gpt), path),
        "bigvgan_generator.pth": lambda path: _save_vocoder_1(module, config["bigvgan"], path),
    }
    if hasattr(module, "DiscreteVAE"):  # before May 2025 it is loaded, and not used
        files["dvae.pth"] = lambda path: _save(module.DiscreteVAE(**DVAE), path)
    return files


def _files_of_2(module, job):
    """What IndexTTS2 loads, but for codec and vocabulary."""
    size, more = SIZES[job["size"]], {"use_gpt_latent": True}
    gpt, options = size["gpt 2"], {}
    if _version(job) == "2.5":
        options, more = {"spk_cond_mode": "campplus"}, {}
        gpt = dict(gpt, number_text_tokens=size["ranks"] + SPECIAL)
    config = {
        "gpt": gpt,
        "s2mel": size["s2mel"],
        "semantic_codec": size["codec"],
        "emo_num": EMOTIONS,
    }
    config.update(
        gpt_checkpoint="gpt.pth", s2mel_checkpoint="s2mel.pth", version=float(_version(job))
    )
    config.update(w2v_stat="wav2vec2bert_stats.pt", emo_matrix="feat2.pt", spk_matrix="feat1.pt")
    config["dataset"] = {"bpe_model": os.path.join(_folder(job), "bpe.model")}
    config.update(
        qwen_emo_path="", vocoder={"type": "bigvgan", "name": "nvidia/bigvgan_v2_22khz_80band_256x"}
    )
    return {
        "config.yaml": lambda path: _write_json(config, path),
        "gpt.pth": lambda path: _save(
            _endless(module.UnifiedVoice(**dict(gpt, **options)), gpt), path
        ),
        "s2mel.pth": lambda path: _save_s2mel(
            module.MyModel(_attributes(size["s2mel"]), **more), path
        ),
        "wav2vec2bert_stats.pt": _save_statistics,
        "feat1.pt": lambda path: _save_noise(192, path),
        "feat2.pt": lambda path: _save_noise(gpt["model_dim"], path),
        "hf_cache/w2v-bert-2.0": lambda path: _save_w2v_bert(path, size["w2v-bert"]),
        "hf_cache/campplus_cn_common.bin": lambda path: _save(module.CAMPPlus(80, 192), path),
        "hf_cache/bigvgan/config.json": lambda path: _write_bigvgan_config(job, path),
        "hf_cache/bigvgan/bigvgan_generator.pt": lambda path: _save_vocoder_2(module, path),
    }


def _files(module, job):
    """All that the chosen class loads."""
    version, codec = _version(job), SIZES[job["size"]]["codec"]
    if version == "1":
        return _files_of_1(module, job)
    if version == "2":
        name, build = "hf_cache/semantic_codec_model.safetensors", module.build_semantic_codec
        own = {
            name: lambda path: _save_safely(build(_attributes(codec)), path),
            "bpe.model": _write_pieces,
        }
    else:
        own = {"codec.pth": lambda path: _save(module.EnhancedCodec(**codec), path, "model")}
        own[TIKTOKEN] = lambda path: _write_ranks(path, SIZES[job["size"]]["ranks"])
    return dict(_files_of_2(module, job), **own)


def _accepts(owner, name, method="__init__"):
    return name in inspect.signature(getattr(owner, method)).parameters


def _attributes(values):
    from omegaconf import OmegaConf

    return OmegaConf.create(values)


def _write_json(values, path):
    """JSON, which YAML has in it."""
    with open(path, "w", encoding="utf-8") as file:
        json.dump(values, file)


def _write_bigvgan_config(job, path):
    """The checkout's own, in other dimensions."""
    own = os.path.join(job["view"], "indextts/s2mel/modules/bigvgan/config.json")
    with open(own, encoding="utf-8") as file:
        config = json.load(file)
    _write_json(dict(config, **SIZES[job["size"]]["bigvgan 2"]), path)


def _endless(gpt, config):
    """The GPT, which never ends speech itself."""
    gpt.mel_head.bias.data[config["stop_mel_token"]] = NEVER
    return gpt


def _loud(vocoder, *inputs):
    """The vocoder, its last layer such that noise comes out as loud as speech, and has no constant part."""
    import torch

    with torch.no_grad():
        taps = vocoder.conv_post.weight_v
        taps -= taps.mean(-1, keepdim=True)
        heard = vocoder.eval()(*inputs)
        heard = heard[0] if isinstance(heard, tuple) else heard
        vocoder.conv_post.weight_g.mul_(0.1 / heard.std())
    return vocoder


def _save_vocoder_1(module, config, path):
    import torch

    vocoder = module.Generator(_attributes(config))
    inputs = torch.randn(1, 20, config["gpt_dim"]), torch.randn(1, 100, config["num_mels"])
    _save(_loud(_without_zeros(vocoder), *inputs), path, "generator")


def _save_vocoder_2(module, path):
    import torch

    with open(os.path.join(os.path.dirname(path), "config.json"), encoding="utf-8") as file:
        vocoder = module.bigvgan.BigVGAN(module.bigvgan.AttrDict(json.load(file)))
    _save(_loud(_without_zeros(vocoder), torch.randn(1, 80, 20)), path, "generator")


def _save_s2mel(model, path):
    import torch

    _without_zeros(model)
    torch.save({"net": {name: part.state_dict() for name, part in model.models.items()}}, path)


def _save_w2v_bert(path, size):
    from transformers import SeamlessM4TFeatureExtractor, Wav2Vec2BertConfig, Wav2Vec2BertModel

    Wav2Vec2BertModel(Wav2Vec2BertConfig(**size)).save_pretrained(path)
    SeamlessM4TFeatureExtractor(padding_value=1).save_pretrained(path)


def _save_statistics(path):
    import torch

    torch.save({"mean": torch.zeros(1024), "var": torch.ones(1024)}, path)


def _save_noise(width, path):
    import torch

    torch.save(torch.randn(sum(EMOTIONS), width), path)


def _save_safely(model, path):
    from safetensors.torch import save_model

    save_model(_without_zeros(model), path)


def _save(model, path, name=None):
    """The state of a model, under a name if it has one."""
    import torch

    state = _without_zeros(model).state_dict()
    torch.save({name: state} if name else state, path)


def _without_zeros(model):
    """The model; weights that begin as zeros would let nothing through."""
    import torch

    for name, weight in model.named_parameters():
        if name.endswith("weight") and not weight.any():
            torch.nn.init.normal_(weight, std=0.02)
    return model


def _words():
    """English words of Python's help texts, in order, and the Chinese characters of GB 2312's level 1."""
    import pydoc_data.topics

    text = " ".join(pydoc_data.topics.topics[name] for name in sorted(pydoc_data.topics.topics))
    codes = (bytes((row, column)) for row in range(0xB0, 0xD8) for column in range(0xA1, 0xFF))
    return re.findall("[a-z]+", text.lower()), "".join(
        code.decode("gb2312", "ignore") for code in codes
    )


def _write_pieces(path):
    """A SentencePiece model, in the manner of the published one."""
    import sentencepiece

    words, characters = _words()
    lines = [" ".join(words[i : i + 20]).upper() for i in range(0, len(words), 20)]
    lines += [" ".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ,.?!'-12345")] * 50
    lines += [" ".join(characters[i : i + 100]) for i in range(0, len(characters), 100)]
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines),
        model_prefix=os.path.splitext(path)[0],
        model_type="bpe",
        vocab_size=PIECES,
        character_coverage=1.0,
        bos_id=0,
        eos_id=1,
        unk_id=2,
        num_threads=1,
        minloglevel=2,
    )


def _write_ranks(path, count):
    """Bytes, characters, words and all their beginnings: each is put together from what comes before it."""
    words, characters = _words()
    common = [" " + word for word, _ in collections.Counter(words).most_common()]
    tokens = {bytes((value,)): None for value in range(256)}
    for one in list(characters) + common:
        data = one.encode("utf-8")
        tokens.update((data[:end], None) for end in range(2, len(data) + 1))
    ranks = list(tokens)[:count]
    ranks += [b"\xff%d" % i for i in range(count - len(ranks))]  # none of them comes up
    with open(path, "wb") as file:
        file.writelines(
            b"%s %d\n" % (base64.b64encode(token), rank) for rank, token in enumerate(ranks)
        )
