"""GPT-SoVITS, end to end through the checkout's own `TTS.run`, as api_v2.py builds and calls it.

Needs TTS_infer_pack: 20240821v2 or newer. Which model speaks is what GPT_SoVITS/configs/tts_infer.yaml says under
`custom`: its version (shipped: v2), device and is_half. TTSOPT_GPT_SOVITS=v1|v2|v2Pro|v2ProPlus|v3|v4 in the
environment chooses another version, with the weights that the file names for it, and leaves the checkout as it is.
v1, v2 and v2Pro decode by VITS; v3 and v4 by conditional flow matching and a vocoder (published size: minutes a
sentence on a CPU). Text, reference audio and its text, languages and seed are passed to `run`; all other settings
are its defaults. A stream is asked for as `streaming_mode` and `return_fragment`: the checkout chooses.

Sizes, with random weights: `tiny`, and `real` (the published dimensions). Tokens end at a number that the phonemes
of the text give.

With a folder of weights the size does not matter. It is laid out as an installed GPT-SoVITS, which it may be:
    GPT_SoVITS/pretrained_models/...   as published, and whatever else tts_infer.yaml names
    voice.wav, voice.txt               3 to 10 s of the voice to clone, and what it says
Not run by us. The checkout's own text front end speaks then, with all packages that it needs.

Counters: `tokens` steps of the t2s model, `nfe` calls of the flow's estimator; seconds of `frontend` (phonemes and
BERT), `reference` (HuBERT and spectrogram of a voice that is not the last one), `speaker` (v2Pro and v2ProPlus),
`t2s`, `vits` or `encoder`, `cfm`, `vocoder`.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import json
import os
import re
import sys
import types
from itertools import chain
from string import ascii_uppercase
from typing import Tuple

CONFIG = "GPT_SoVITS/configs/tts_infer.yaml"
VERSION = "TTSOPT_GPT_SOVITS"
VERSIONS = ("v1", "v2", "v2Pro", "v2ProPlus", "v3", "v4")
PRETRAINED = "GPT_SoVITS/pretrained_models"
PATHS = ("t2s_weights_path", "vits_weights_path", "cnhuhbert_base_path", "bert_base_path")
WEIGHTS = "random weights, zero ones re-initialised: what comes out is sound, not speech"
VOICE = "the voice to clone: a hum of four seconds"
LENGTH = "where speech ends: after a number of tokens that the phonemes give, for random weights never end it"
FRONT_END = "the text front end: a phoneme a letter, two a Chinese character; BERT's class is real"
RELEASE = "which release the weights are of: as tts_infer.yaml says, for random files do not tell"
SUPER_SAMPLING = "tools.audio_sr (super-sampling, off by default): an empty stand-in"
FILES = "torchaudio.load and tools.my_utils.load_audio: WAV by soundfile and librosa"
EXTENSION = "torchaudio's C extension: left out where it cannot load"
NO_GPU = "the CPU in float32, for there is no CUDA device, which tts_infer.yaml asks for"
DRAWS = "the random numbers that a new voice takes: apart from those that the speech takes"
ALWAYS = (FILES, EXTENSION, SUPER_SAMPLING, DRAWS)
STANDS_IN = (WEIGHTS, VOICE, LENGTH, FRONT_END, RELEASE, *ALWAYS)
STREAMS = True
VOICE_TEXT = "A low voice hums for a while, and then it hums some more."

TOKENS_A_PHONE = 2.5  # at 25 a second: 12 English letters a second, 5 Chinese characters
LOW, HIGH = 0x4E00, 0x9FFF  # CJK Unified Ideographs
PHONES_EN = "AA0 B K D EH1 F G HH IH1 JH K L M N OW1 P K R S T UH1 V W Z Y Z"  # of A to Z
PHONES_ZH = "b a1,d an2,g e4,h i3,l ang1,m a1,b an2,d e4,g i3,h ang1"  # by code point
DIGITS = "零一二三四五六七八九"  # 0 to 9

# Imported at the head of TTS.py and used for nothing here: change of speed, merging of LoRA.
PACKAGES = {"ffmpeg": (), "peft": ("LoraConfig", "get_peft_model")}
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
NEEDED = "GPT-SoVITS 20240821v2 or newer is needed"
_built = []  # the TTS of `load`, for `describe`


class UnsupportedCheckoutError(RuntimeError):
    """A release of GPT-SoVITS that cannot be run as asked; the message says what to do."""


def prepare(job):
    """Write voices, and random weights of the model that the checkout's tts_infer.yaml chooses."""
    import _ttsopt_stand_ins as stand_ins  # of ttsopt: in_target/stand_ins.py

    if job["weights"] != "random":
        return
    folder, version, size = _folder(job), _config(job)["custom"]["version"], SIZES[job["size"]]
    _voice(job, {})  # of every utterance
    _import_tts(job)
    writers = [(name, WRITERS[name]) for name in PATHS]
    if version in EXTRAS:
        name, write = EXTRAS[version]
        writers.append((os.path.join(PRETRAINED, name), write))
    for name, write in writers:
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        stand_ins.write_once(path, lambda path, write=write: write(path, version, size))


def load(job):
    """Build `TTS` as api_v2.py does, from a copy of tts_infer.yaml; return speak."""
    global STANDS_IN  # noqa: PLW0603 - what is stood in for depends on the job and the machine
    import _ttsopt_instruments as instruments  # of ttsopt: in_target/instruments.py

    module, replaced = _import_tts(job)
    import numpy as np
    import torch

    torch.set_num_threads(job["threads"])
    _voice(job, {})  # of every utterance
    path, missing_gpu = _write_config(job)
    tts = module.TTS(module.TTS_Config(path))
    _built[:] = [tts]
    STANDS_IN = (STANDS_IN if job["weights"] == "random" else ALWAYS) + replaced + missing_gpu
    _keep_draws(tts)
    watched = instruments.Instruments()
    _watch(tts, watched)
    if job["weights"] == "random":
        _pin_length(tts)

    def speak(utterance, seed):
        watched.clear()
        inputs, parts, rate = _inputs(job, utterance, seed), [], 0
        chunks = instruments.Chunks()
        for rate, samples in tts.run(inputs):  # noqa: B007 - the last rate is that of all
            chunks.add(len(samples))
            parts.append(samples)
        samples = np.concatenate(parts).astype("float32") / 32768  # of 16 bits
        row = {"samples": samples, "sample_rate": rate, "counters": watched.counters()}
        return dict(row, chunks=chunks.rows) if job.get("stream") else row

    return speak


def describe():
    """What the models really are."""
    (tts,) = _built
    first = next(tts.t2s_model.parameters())
    decoder = str(next(tts.vits_model.parameters()).dtype)
    return {
        "device": str(first.device),
        "dtype": str(first.dtype),
        "vits dtype": decoder,
        "version": tts.configs.version,
    }


def _inputs(job, utterance, seed):
    """What `run` is told; the rest are the checkout's defaults."""
    voice, said = _voice(job, utterance)
    inputs = {
        "text": utterance["text"],
        "text_lang": _language(utterance["text"]),
        "ref_audio_path": voice,
        "prompt_text": said,
        "prompt_lang": _language(said),
        "seed": seed,
    }
    if job.get(
        "stream"
    ):  # by tokens since 92ab59c (2025-11-28, not v3 and v4), else by pieces of text
        inputs.update(streaming_mode=True, return_fragment=True)
    return inputs


def _language(text):
    return "zh" if any(LOW <= ord(letter) <= HIGH for letter in text) else "en"


# ---- counting ----


def _keep_draws(tts):
    """HuBERT draws a number a layer, unused: whether a voice is known already must not change the speech."""
    import torch

    listen = tts.set_ref_audio

    def set_ref_audio(path):
        with torch.random.fork_rng():
            listen(path)

    tts.set_ref_audio = set_ref_audio


def _watch(tts, watched):
    """Stages, steps and evaluations of this release."""
    t2s, vits = tts.t2s_model.model, tts.vits_model
    watched.time(tts.text_preprocessor, "segment_and_extract_feature_for_text", "frontend")
    watched.time(tts, "set_ref_audio", "reference")
    if getattr(tts, "sv_model", None) is not None:
        watched.time(tts.sv_model, "compute_embedding3", "speaker")
    for name in ("infer_panel_batch_infer", "infer_panel_naive"):  # _naive_batched calls _naive
        watched.time(t2s, name, "t2s")
    watched.add("tokens", 0)
    t2s.ar_predict_layer.register_forward_hook(lambda *_: watched.add("tokens"))
    stages = {"decode": "vits", "decode_streaming": "vits", "decode_encp": "encoder"}
    for name, stage in stages.items():
        if hasattr(vits, name):
            watched.time(vits, name, stage)
    if hasattr(vits, "cfm"):
        watched.time(vits.cfm, "inference", "cfm")
        watched.add("nfe", 0)
        vits.cfm.estimator.register_forward_hook(lambda *_: watched.add("nfe"))
        vocoder = "vocoder" if hasattr(tts, "vocoder") else "bigvgan_model"  # before v4: e0f2818
        watched.time(getattr(tts, vocoder), "forward", "vocoder")


def _pin_length(tts):
    """End the tokens of a text by the number of its phonemes, where `run` gives its own limit."""
    model = tts.t2s_model.model

    def pinned(infer):
        def infer_panel(x, x_lens, *rest, **options):
            if "early_stop_num" in options:
                phones = int(x_lens.max()) - len(tts.prompt_cache["phones"])
                options["early_stop_num"] = round(TOKENS_A_PHONE * phones)
            return infer(x, x_lens, *rest, **options)

        return infer_panel

    for name in ("infer_panel_batch_infer", "infer_panel_naive_batched", "infer_panel_naive"):
        setattr(model, name, pinned(getattr(model, name)))


# ---- files ----


def _config(job):
    """The view's tts_infer.yaml."""
    import yaml

    path = os.path.join(job["view"], CONFIG)
    try:
        with open(path, encoding="utf-8") as file:
            config = yaml.safe_load(file)
        config["custom"].setdefault("version", "v2")
    except (FileNotFoundError, KeyError) as error:
        message = "no %s with a section `custom` (%r): %s" % (CONFIG, error, NEEDED)
        raise UnsupportedCheckoutError(message) from None
    return _of_version(config, os.environ.get(VERSION), job["weights"])


def _of_version(config, version, weights):
    """The configuration with another version, and the weights that the file names for it."""
    if not version or version == config["custom"]["version"]:
        return config
    own = config.get(version, {})
    if version not in VERSIONS or not (own or weights == "random"):
        message = "%s=%s: it is one of %s, and with real weights %s names them under it"
        raise UnsupportedCheckoutError(message % (VERSION, version, ", ".join(VERSIONS), CONFIG))
    config["custom"].update({name: own[name] for name in PATHS if name in own}, version=version)
    return config


def _folder(job):
    """Where the weights are."""
    if job["weights"] != "random":
        return job["weights"]
    name = "gpt-sovits-%s-%s" % (job["size"], _config(job)["custom"]["version"])
    return os.path.join(job["scratch"], name)


def _voice(job, utterance):
    """Reference audio and what it says: the user's own, a hum with random weights, else that of the folder."""
    import _ttsopt_stand_ins as stand_ins  # of ttsopt: in_target/stand_ins.py

    folder = _folder(job)
    if job["weights"] == "random" or job.get("prompt_audio"):
        return stand_ins.voices(job, folder, VOICE_TEXT, 32000, 4.0)[utterance.get("voice", 0)]
    with open(os.path.join(folder, "voice.txt"), encoding="utf-8") as file:
        return os.path.join(folder, "voice.wav"), file.read().strip()


def _write_config(job):
    """A copy of tts_infer.yaml with the paths of these weights, which upstream rewrites; what it changed."""
    import torch
    import yaml

    config, folder = _config(job), _folder(job)
    custom, missing_gpu = config["custom"], ()
    for name in PATHS:
        path = os.path.join(folder, name if job["weights"] == "random" else custom[name])
        if job["weights"] == "random" and not os.path.exists(path):
            raise FileNotFoundError("%s is not there: run the task prepare first" % path)
        custom[name] = path if os.path.exists(path) else custom[name]
    # As releases since 2025-07 do themselves.
    if "cuda" in str(custom["device"]) and not torch.cuda.is_available():
        custom.update(device="cpu", is_half=False)
        missing_gpu = (NO_GPU,)
    path = os.path.join(job["scratch"], "tts_infer-%d.yaml" % os.getpid())
    with open(path, "w", encoding="utf-8") as file:
        yaml.safe_dump(config, file)
    return path, missing_gpu


# ---- random weights ----


def _write_bert(path, _, size):
    import torch
    from transformers import BertConfig, BertForMaskedLM, BertTokenizerFast

    layers, units, words = size["bert"]
    shape = {"hidden_size": 1024, "num_attention_heads": 16, "intermediate_size": units}
    torch.manual_seed(0)
    config = BertConfig(num_hidden_layers=layers, vocab_size=words, **shape)
    BertForMaskedLM(config).save_pretrained(path)
    letters = [chr(LOW + i) for i in range(words - 5)]
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters]
    with open(os.path.join(path, "vocab.txt"), "w", encoding="utf-8") as file:
        file.write("\n".join(words) + "\n")
    BertTokenizerFast(os.path.join(path, "vocab.txt")).save_pretrained(path)


def _write_hubert(path, _, size):
    import torch
    from transformers import HubertConfig, HubertModel, Wav2Vec2FeatureExtractor

    layers, units, convolutions = size["hubert"]
    shape = {"num_hidden_layers": layers, "intermediate_size": units}
    torch.manual_seed(0)
    HubertModel(HubertConfig(conv_dim=(convolutions,) * 7, **shape)).save_pretrained(path)
    Wav2Vec2FeatureExtractor().save_pretrained(path)


def _write_t2s(path, version, size):
    """The view's own configuration with these dimensions; the end of speech is never among the best tokens."""
    import torch
    import yaml

    width, layers, heads = size["t2s"]
    name = "s1longer.yaml" if version == "v1" else "s1longer-v2.yaml"
    with open("GPT_SoVITS/configs/" + name, encoding="utf-8") as file:
        config = yaml.safe_load(file)
    wide = {"embedding_dim": width, "hidden_dim": width, "linear_units": 4 * width}
    config["model"].update(wide, head=heads, n_layer=layers)
    torch.manual_seed(0)
    lightning = importlib.import_module("AR.models.t2s_lightning_module")
    model = lightning.Text2SemanticLightningModule(config, "****", is_train=False)
    with torch.no_grad():
        model.model.ar_predict_layer.weight[model.model.EOS] = 0
    torch.save({"config": config, "weight": model.state_dict(), "info": "random"}, path)


def _write_vits(path, version, size):
    """The view's own configuration, with the dimensions of `size` and weights that can be heard."""
    import torch

    name = "s2%s.json" % version if "Pro" in version else "s2.json"
    with open("GPT_SoVITS/configs/" + name, encoding="utf-8") as file:
        config = json.load(file)
    layers, channels = size["vits"]
    config["model"].update(n_layers=layers, semantic_frame_rate="25hz", version=version)
    if channels:
        config["model"]["upsample_initial_channel"] = channels
    models = importlib.import_module("module.models")
    kind = models.SynthesizerTrnV3 if version in ("v3", "v4") else models.SynthesizerTrn
    data, segment = config["data"], config["train"]["segment_size"]
    torch.manual_seed(0)
    bins, frames = data["filter_length"] // 2 + 1, segment // data["hop_length"]
    model = kind(bins, frames, n_speakers=data["n_speakers"], **config["model"])
    _randomise(model)
    torch.save({"config": config, "weight": model.state_dict(), "info": "random"}, path)


def _write_vocoder_v4(path, _, size):
    import torch

    generator = importlib.import_module("module.models").Generator
    torch.manual_seed(0)
    model = generator(**dict(VOCODER_V4, upsample_initial_channel=size["vocoder"] or 512))
    _randomise(model)
    model.remove_weight_norm()
    torch.save(model.state_dict(), path)


def _write_vocoder_v3(path, _, size):
    import torch

    bigvgan = importlib.import_module("BigVGAN.bigvgan")
    config = dict(VOCODER_V3, upsample_initial_channel=size["vocoder"] or 1536)
    with open(os.path.join(os.path.dirname(path), "config.json"), "w", encoding="utf-8") as file:
        json.dump(config, file)
    torch.manual_seed(0)
    model = bigvgan.BigVGAN(bigvgan.AttrDict(config))
    _randomise(model)
    torch.save({"generator": model.state_dict()}, path)


def _write_speaker(path, *_):
    import torch

    importlib.import_module("sv")  # puts its folder on sys.path
    torch.manual_seed(0)
    model = importlib.import_module("ERes2NetV2").ERes2NetV2(baseWidth=24, scale=4, expansion=4)
    torch.save(model.state_dict(), path)


WRITERS = {
    "bert_base_path": _write_bert,
    "cnhuhbert_base_path": _write_hubert,
    "t2s_weights_path": _write_t2s,
    "vits_weights_path": _write_vits,
}
SPEAKER = "sv/pretrained_eres2netv2w24s4ep4.ckpt"
EXTRAS = {
    "v3": ("models--nvidia--bigvgan_v2_24khz_100band_256x/bigvgan_generator.pt", _write_vocoder_v3),
    "v4": ("gsv-v4-pretrained/vocoder.pth", _write_vocoder_v4),
    "v2Pro": (SPEAKER, _write_speaker),
    "v2ProPlus": (SPEAKER, _write_speaker),
}


def _randomise(model):
    """Zero weights get std 0.02, weight-normed ones rows of length 1: what starts at std 0.01 speaks silence."""
    import torch

    with torch.no_grad():
        for name, weight in model.named_parameters():
            if name.endswith("weight_g"):
                weight.fill_(1)
            elif name.endswith("weight") and not weight.any():
                torch.nn.init.normal_(weight, std=0.02)
        for name, codes in model.named_buffers():
            if name.endswith(".embed"):  # a codebook, which k-means of the first audio would fill
                torch.nn.init.normal_(codes)
            elif name.endswith(".inited"):
                codes.fill_(1)


# ---- stand-ins ----


def _import_tts(job):
    """The view's TTS module with the stand-ins in place, and sentences on those that depend on the machine."""
    import _ttsopt_stand_ins as stand_ins  # of ttsopt: in_target/stand_ins.py

    torchaudio = stand_ins.import_torchaudio()
    torchaudio.load = stand_ins.load_audio
    importlib.import_module("transformers")  # first, for it asks which packages there are
    missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    for name in missing:
        _module(name, **dict.fromkeys(PACKAGES[name]))
    _module("tools.audio_sr", AP_BWE=None)
    _module("tools.my_utils", load_audio=_load_audio)
    # Releases until ee4a466 (2025-03-26) take Tuple from there, where newer torch has it no more.
    importlib.import_module("torch.nn.functional").Tuple = Tuple
    if job["weights"] == "random":
        _stand_in_front_end()
    try:
        module = importlib.import_module("GPT_SoVITS.TTS_infer_pack.TTS")
    except ModuleNotFoundError as error:
        if error.name not in ("GPT_SoVITS.TTS_infer_pack", "GPT_SoVITS.TTS_infer_pack.TTS"):
            raise
        raise UnsupportedCheckoutError("no GPT_SoVITS/TTS_infer_pack: " + NEEDED) from None
    module.now_dir = _folder(job)  # where init_vocoder looks for pretrained_models
    if hasattr(module, "SV"):
        importlib.import_module("sv").sv_path = os.path.join(_folder(job), PRETRAINED, SPEAKER)
    if job["weights"] == "random":
        _fit_to_random_weights(module, job)
    unused = "the package %s: an empty stand-in, it is not used"
    return module, tuple(unused % name for name in missing)


def _fit_to_random_weights(module, job):
    """Dimensions that the checkout has in its code, and the release, which it tells by the size of the file."""
    version, size = _config(job)["custom"]["version"], SIZES[job["size"]]
    if hasattr(module, "get_sovits_version_from_path_fast"):
        release = ("v1" if version == "v1" else "v2", version, False)
        module.get_sovits_version_from_path_fast = lambda _: release
    models = importlib.import_module("module.models")
    for owner, name, changes in (
        (models, "DiT", size["dit"]),
        (module, "Generator", size["vocoder"] and {"upsample_initial_channel": size["vocoder"]}),
    ):
        if changes and hasattr(getattr(owner, name, None), "forward"):
            setattr(owner, name, _changed(getattr(owner, name), changes))


def _changed(kind, changes):
    return lambda **options: kind(**dict(options, **changes))


def _module(name, **attributes):
    module = types.ModuleType(name)
    module.__spec__ = importlib.machinery.ModuleSpec(name, None)
    module.__dict__.update(attributes)
    sys.modules[name] = module


def _load_audio(path, rate):
    """tools.my_utils.load_audio, of releases that start ffmpeg: mono float32."""
    import librosa

    return librosa.load(path, sr=rate)[0]


def _stand_in_front_end():
    """What turns text into phonemes, with its models, dictionaries and a dozen packages."""
    _module("text.chinese", mix_text_normalize=lambda text: text)
    _module("text.cleaner", clean_text=clean_text)
    segmenter = types.SimpleNamespace(getTexts=languages, setfilters=lambda _: None)
    _module("text.LangSegmenter", LangSegmenter=segmenter)
    _module("LangSegment", getTexts=languages, setfilters=lambda _: None)  # until 2025-02


def languages(text, *_):
    """Stretches of Latin letters and of the rest."""
    runs = re.findall(r"[A-Za-z][A-Za-z0-9 ',.!?-]*|[^A-Za-z]+", text)
    spoken = ["en" if run[0].isascii() and run[0].isalpha() else "zh" for run in runs]
    return [{"lang": language, "text": run} for language, run in zip(spoken, runs)]


def clean_text(text, language, *_):
    """text.cleaner.clean_text: phonemes, how many each character has (Chinese), the text as it is read."""
    if language == "en":
        phones = dict(zip(ascii_uppercase, PHONES_EN.split()), **{mark: mark for mark in ",.!?"})
        return [phones[letter] for letter in text.upper() if letter in phones], None, text
    read = re.sub(r"[0-9]", lambda digit: DIGITS[int(digit.group())], text)
    read = "".join(row if LOW <= ord(row) <= HIGH else "." if row in "。." else "," for row in read)
    pairs = [pair.split() for pair in PHONES_ZH.split(",")]
    phones = [[row] if row in ",." else pairs[ord(row) % len(pairs)] for row in read]
    return list(chain(*phones)), [len(row) for row in phones], read
