"""GPT-SoVITS, end to end through the checkout's own `TTS.run`, as api_v2.py builds and calls it.

Needs TTS_infer_pack: 20240821v2 or newer. Which model speaks is what GPT_SoVITS/configs/tts_infer.yaml says under
`custom`: its version (shipped: v2), device and is_half. TTSOPT_GPT_SOVITS=v1|v2|v2Pro|v2ProPlus|v3|v4 in the
environment chooses another version, with the weights that the file names for it, and leaves the checkout as it is.
v1, v2 and v2Pro decode by VITS; v3 and v4 by conditional flow matching and a vocoder (published size: minutes a
sentence on a CPU). Text, reference audio and its text, languages and seed are passed to `run`; all other settings
are its defaults. A stream is asked for as `streaming_mode` and `return_fragment`: the checkout chooses.

Sizes, with random weights: `tiny`, and `real` (the published dimensions). Tokens end at a number that the phonemes
of the text give.

Of mixed weights t2s, decoder, HuBERT, BERT and what else the version has are each real or random, of the published
size; the text front end is then the stand-in, and speech still ends by the phonemes.
With a folder of weights the size does not matter. It is laid out as an installed GPT-SoVITS, which it may be:
    GPT_SoVITS/pretrained_models/...   as published, and whatever else tts_infer.yaml names
    voice.wav, voice.txt               3 to 10 s of the voice to clone, and what it says; without them a hum
Not run by us. The checkout's own text front end speaks then, with all packages that it needs.

Counters: `tokens` steps of the t2s model, `vits_samples` of its wave or, in v3 and v4, `nfe` calls of the flow's
estimator, its `flow_frames` and the `vocoder_samples` of the whole; seconds of `frontend` (phonemes and
BERT), `reference` (HuBERT and spectrogram of a voice that is not the last one), `speaker` (v2Pro and v2ProPlus),
`t2s`, `vits` or `encoder`, `cfm`, `vocoder`.
"""

from __future__ import annotations

import os

import _ttsopt_instruments as instruments
import _ttsopt_stubs as stubs
import _ttsopt_workload_checkout as checkout
import _ttsopt_workload_dimensions as dimensions
import _ttsopt_workload_frontend as frontend
import _ttsopt_workload_packages as packages
import _ttsopt_workload_weights as weights

WEIGHTS = "random weights, zero ones re-initialised: what comes out is sound, not speech"
VOICE = "the voice to clone: a hum of four seconds"
LENGTH = "where speech ends: after a number of tokens that the phonemes give, for random weights never end it"
FRONT_END = "the text front end: a phoneme a letter, two a Chinese character; BERT's class is real"
RELEASE = "which release the weights are of: as tts_infer.yaml says, for random files do not tell"
SUPER_SAMPLING = "tools.audio_sr (super-sampling, off by default): an empty stub"
FILES = "torchaudio.load and tools.my_utils.load_audio: WAV by soundfile and librosa"
EXTENSION = "torchaudio's C extension: left out where it cannot load"
NO_GPU = "the CPU in float32, for there is no CUDA device, which tts_infer.yaml asks for"
DRAWS = "the random numbers that a new voice takes: apart from those that the speech takes"
ALWAYS = (FILES, EXTENSION, SUPER_SAMPLING, DRAWS)
STUBS = (WEIGHTS, VOICE, LENGTH, FRONT_END, RELEASE) + ALWAYS
STREAMS = True
# Of each close patch: what it could save, and must not; of which there is what the release has.
WORK = {
    "batched-bert": ("tokens",),
    "chunked-vocoder": ("nfe", "flow_frames", "vocoder_samples"),
    "fused-cfm": ("tokens", "nfe", "flow_frames"),
    "fused-snake": ("vocoder_samples",),
    "packed-linears": ("tokens", "vits_samples", "nfe", "flow_frames"),
    "static-kv-cache": ("tokens",),
    "token-graph": ("tokens",),
    "vocoder-graph": ("nfe", "flow_frames", "vocoder_samples"),
    "vocoder-pieces": ("vits_samples", "flow_frames", "vocoder_samples"),
}
VOICE_TEXT = "A low voice hums for a while, and then it hums some more."

TOKENS_A_PHONE = 2.5  # at 25 a second: 12 English letters a second, 5 Chinese characters

_built = []  # the TTS of `load`, for `describe`


def prepare(job):
    """Write voices, and random weights of the model that the checkout's tts_infer.yaml chooses."""
    if job["weights"] != "random":
        _voice(job, {})
        return
    folder, version = checkout.folder(job), checkout.config(job)["custom"]["version"]
    size = dimensions.SIZES[job["size"]]
    _voice(job, {})  # of every utterance
    packages.import_tts(job)
    writers = [(name, weights.WRITERS[name]) for name in checkout.PATHS]
    if version in weights.EXTRAS:
        name, write = weights.EXTRAS[version]
        writers.append((os.path.join(checkout.PRETRAINED, name), write))
    chosen = checkout.config(job)["custom"]
    for name, write in writers:
        if job.get("mixed") and os.path.lexists(os.path.join(folder, chosen.get(name, name))):
            continue  # a real one
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        stubs.write_once(path, lambda path, write=write: write(path, version, size))


def load(job):
    """Build `TTS` as api_v2.py does, from a copy of tts_infer.yaml; return speak."""
    global STUBS  # noqa: PLW0603 - which stubs there are depends on the job and the machine
    module, replaced = packages.import_tts(job)
    import numpy as np
    import torch

    torch.set_num_threads(job["threads"])
    _voice(job, {})  # of every utterance
    path, missing_gpu = _write_config(job)
    tts = module.TTS(module.TTS_Config(path))
    _built[:] = [tts]
    STUBS = _stubs(job) + replaced + missing_gpu
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


def serve(job):
    """Put the stubs where api_v2.py imports from; return its configuration, and the voice that it clones."""
    global STUBS  # noqa: PLW0603 - as in `load`
    module, replaced = packages.import_tts(job)
    path, missing_gpu = _write_config(job)
    STUBS = _stubs(job) + replaced + missing_gpu
    build = module.TTS

    def build_with_length(*arguments):
        tts = build(*arguments)
        _keep_draws(tts)
        if job["weights"] == "random":
            _pin_length(tts)
        return tts

    module.TTS = build_with_length
    voice, said = _voice(job, job["utterances"][0])
    return {"config": path, "voice": voice, "prompt_text": said}


def describe():
    """Return what the models really are."""
    (tts,) = _built
    first = next(tts.t2s_model.parameters())
    decoder = str(next(tts.vits_model.parameters()).dtype)
    return {
        "device": str(first.device),
        "dtype": str(first.dtype),
        "vits dtype": decoder,
        "version": tts.configs.version,
    }


def _stubs(job):
    """Return the stubs of this job, but for those that depend on the machine."""
    if job["weights"] == "random":
        return (stubs.of_weights(job, WEIGHTS), VOICE, LENGTH, FRONT_END, RELEASE) + ALWAYS
    return ((VOICE,) if _hums(job) else ()) + ALWAYS


def _inputs(job, utterance, seed):
    """Return what `run` is told; the rest are the checkout's defaults."""
    voice, said = _voice(job, utterance)
    inputs = {
        "text": utterance["text"],
        "text_lang": _language(utterance["text"]),
        "ref_audio_path": voice,
        "prompt_text": said,
        "prompt_lang": _language(said),
        "seed": seed,
    }
    # By tokens since 92ab59c (2025-11-28, not v3 and v4), else by pieces of text.
    if job.get("stream"):
        inputs.update(streaming_mode=True, return_fragment=True)
    return inputs


def _language(text):
    return "zh" if any(frontend.LOW <= ord(letter) <= frontend.HIGH for letter in text) else "en"


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
    _measure_waves(tts, watched)
    stages = {"decode": "vits", "decode_streaming": "vits", "decode_encp": "encoder"}
    for name, stage in stages.items():
        if hasattr(vits, name):
            watched.time(vits, name, stage)
    if hasattr(vits, "cfm"):
        watched.measure(vits.cfm, "inference", "flow_frames")
        watched.time(vits.cfm, "inference", "cfm")
        watched.add("nfe", 0)
        vits.cfm.estimator.register_forward_hook(lambda *_: watched.add("nfe"))
        vocoder = "vocoder" if hasattr(tts, "vocoder") else "bigvgan_model"  # before v4: e0f2818
        watched.time(getattr(tts, vocoder), "forward", "vocoder")


def _measure_waves(tts, watched):
    """Count the samples made by VITS, or around the vocoder: pieces that it may be given overlap."""
    places = [(tts.vits_model, name, "vits_samples") for name in ("decode", "decode_streaming")]
    if hasattr(tts.vits_model, "cfm"):
        names = ("using_vocoder_synthesis", "using_vocoder_synthesis_batched_infer")
        places = [(tts, name, "vocoder_samples") for name in names]
    for owner, name, counter in places:
        if hasattr(owner, name):
            watched.measure(owner, name, counter)


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


def _voice(job, utterance):
    """Reference audio and what it says: the user's own, a hum with random weights, else that of the folder."""
    folder = checkout.folder(job)
    if job["weights"] == "random" or job.get("prompt_audio") or _hums(job):
        home = folder if job["weights"] == "random" else job["scratch"]
        return stubs.voices(job, home, VOICE_TEXT, 32000, 4.0)[utterance.get("voice", 0)]
    with open(os.path.join(folder, "voice.txt"), encoding="utf-8") as file:
        return os.path.join(folder, "voice.wav"), file.read().strip()


def _hums(job):
    """True if real weights have no voice with them."""
    return not os.path.exists(os.path.join(checkout.folder(job), "voice.txt"))


def _write_config(job):
    """A copy of tts_infer.yaml with the paths of these weights, which upstream rewrites; what it changed."""
    import torch
    import yaml

    config, folder = checkout.config(job), checkout.folder(job)
    custom, missing_gpu = config["custom"], ()
    for name in checkout.PATHS:
        path = os.path.join(folder, custom[name])
        if job["weights"] == "random" and not (job.get("mixed") and os.path.exists(path)):
            path = os.path.join(folder, name)
        if job["weights"] == "random" and not os.path.exists(path):
            raise FileNotFoundError("%s is not there: run the task prepare first" % path)
        custom[name] = path if os.path.exists(path) else custom[name]
    # As releases since 2025-07 do themselves.
    if "cuda" in str(custom["device"]) and not torch.cuda.is_available():
        custom.update(device="cpu", is_half=False)
        missing_gpu = (NO_GPU,)
    path = os.path.join(job["own"], "tts_infer.yaml")
    with open(path, "w", encoding="utf-8") as file:
        yaml.safe_dump(config, file)
    return path, missing_gpu
