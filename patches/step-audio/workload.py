"""The tokenizer of Step-Audio-EditX: the checkout's own `StepAudioTokenizer.wav2token`.

Speech goes in, tokens come out; a text only says how long the speech is (14 characters a second).
It is generated: syllables of a gliding voice with pauses, or what --prompt-audio names.

Sizes, with random weights: `tiny`, and `real` (the published dimensions: paraformer-large, 158 M
parameters in its encoder, and a speech tokenizer of 6 layers of 1280). Random weights need the
module `onnx` to write the speech tokenizer's graph.

Of mixed weights codebook, speech tokenizer and paraformer are each real or random, of the published size.
With a folder of weights the size does not matter: it is the published Step-Audio-Tokenizer, with
    linguistic_tokenizer.npy, speech_tokenizer_v1.onnx,
    dengcunqin/speech_paraformer-large_asr_nat-zh-cantonese-en-16k-vocab8501-online/

Counters: `vq02_seconds` (paraformer and codebook) and `vq06_seconds` (features and ONNX Runtime),
`vq02_tokens`, `vq06_tokens`. The frontend's dither is seeded per call, so that a call repeats.
"""

from __future__ import annotations

import importlib
import json
import os

import _ttsopt_instruments as instruments
import _ttsopt_randomness as randomness
import _ttsopt_stubs as stubs
import _ttsopt_workload_graph as graph
import _ttsopt_workload_packages as packages
import _ttsopt_workload_speech as speech

ENCODER = "dengcunqin/speech_paraformer-large_asr_nat-zh-cantonese-en-16k-vocab8501-online"
SPEECH = "the speech that goes in: generated syllables"
PACKAGES = "the packages funasr and sox: empty stubs, they take no part in tokenizing"
FILES = "torchaudio.load and save: WAV by soundfile; its C extension left out where it cannot load"
WEIGHTS = "random weights, and a random graph for speech_tokenizer_v1.onnx: tokens say nothing"
CONCURRENT = True  # it holds a lock around each of its two models
STUBS = (WEIGHTS, SPEECH, PACKAGES, FILES)
# Of each close patch: what it could save, and must not. `one-pass-encoder` makes the same in fewer calls.
WORK = {
    "conv-search": ("vq06_tokens",),
    "encoder-graph": ("vq02_tokens",),
    "encoder-kernels": ("vq02_tokens",),
    "one-pass-encoder": ("vq02_tokens",),
    "packed-linears": ("vq02_tokens",),
    "tf32": ("vq02_tokens",),
}

# encoder: width, blocks, heads, units. speech: width, layers, heads of the ONNX graph.
SIZES = {
    "tiny": {"encoder": (128, 8, 2, 256), "speech": (768, 4, 12)},
    "real": {"encoder": (512, 50, 4, 2048), "speech": (1280, 6, 20)},
}
CODES = 1024  # of the codebook
MODEL = {}


def prepare(job):
    """Write speech, and with random weights the models, where they are not there yet."""
    speech.write(job)
    if job["weights"] != "random":
        return
    packages.install_stubs()
    folder, size = _folder(job), SIZES[job["size"]]
    encoder = os.path.join(folder, ENCODER)
    os.makedirs(encoder, exist_ok=True)
    codebook = os.path.join(folder, "linguistic_tokenizer.npy")
    stubs.write_once(codebook, lambda path: _write_codebook(path, size["encoder"][0]))
    onnx = os.path.join(folder, "speech_tokenizer_v1.onnx")
    stubs.write_once(onnx, lambda path: graph.write_graph(path, *size["speech"]))
    # A published one may have tokens.json: a random tokens.txt beside it would be read in its place.
    if not stubs.is_real(job, "paraformer"):
        _write_paraformer(job, folder, encoder, size["encoder"])


def load(job):
    """Build the tokenizer; return speak. FileNotFoundError where `prepare` has not run."""
    global STUBS  # noqa: PLW0603 - what is stood in for depends on the job and the machine
    speech.write(job)
    replaced = packages.install_stubs()
    import torch

    torch.set_num_threads(job["threads"])
    folder = _folder(job)
    weights = os.path.join(folder, ENCODER, "model.pt")
    if job["weights"] == "random" and not os.path.exists(weights):
        raise FileNotFoundError("%s is not there: run the task prepare first" % weights)
    tokenizer = _build(folder)
    watched = instruments.Instruments()
    for stage in ("vq02", "vq06"):
        watched.time(tokenizer, "get_%s_code" % stage, stage)
    encoder = next(tokenizer.funasr_model.model.parameters())
    MODEL.update(device=str(encoder.device), dtype=str(encoder.dtype))
    first = (stubs.of_weights(job, WEIGHTS),) if job["weights"] == "random" else ()
    STUBS = first + (SPEECH, PACKAGES, FILES) + replaced

    def speak(utterance, seed):
        samples, rate = stubs.load_audio(speech.path_of(job, utterance))
        watched.clear()
        randomness.seed_all(seed)  # the frontend's dither (1.0 by default) draws from torch's
        tokens, vq02, vq06 = tokenizer.wav2token(samples, rate)
        counters = watched.counters()
        counters.update(vq02_tokens=len(vq02), vq06_tokens=len(vq06))
        audio_seconds = samples.shape[-1] / float(rate)
        return {"tokens": tokens, "audio_seconds": audio_seconds, "counters": counters}

    return speak


def describe():
    """Device and dtype of the paraformer."""
    return dict(MODEL)


def _build(folder):
    """The checkout's tokenizer on a local folder (ModelSource.LOCAL: nothing is downloaded)."""
    source = importlib.import_module("model_loader").ModelSource.LOCAL
    tokenizer = importlib.import_module("tokenizer")
    return tokenizer.StepAudioTokenizer(folder, model_source=source)


def _folder(job):
    """Where the models are."""
    return stubs.weights_folder(job, "step-audio-" + job["size"])


# ---- random models ----


def _write_paraformer(job, folder, encoder, size):
    """A random paraformer in its folder; its weights last."""
    stubs.write_once(os.path.join(encoder, "tokens.txt"), _write_tokens)
    config = os.path.join(encoder, "config.yaml")
    stubs.write_once(config, lambda path: _write_config(path, job["view"], encoder, *size))
    stubs.write_once(os.path.join(encoder, "configuration.json"), _write_configuration)
    weights = os.path.join(encoder, "model.pt")
    stubs.write_once(weights, lambda path: _write_encoder(path, folder))


def _write_tokens(path):
    tokens = ["<blank>", "<s>", "</s>"] + [chr(0x4E00 + i) for i in range(40)] + ["<unk>"]
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(tokens) + "\n")


def _write_config(path, view, encoder, width, blocks, heads, units):
    """The view's own paraformer template, with these dimensions and the smallest decoder."""
    import yaml

    template = os.path.join(view, "funasr_detach/models/paraformer_streaming/template.yaml")
    with open(template, encoding="utf-8") as file:
        config = yaml.safe_load(file)
    dimensions = {"num_blocks": blocks, "attention_heads": heads, "linear_units": units}
    config["encoder_conf"].update(dimensions, output_size=width)
    config["decoder_conf"].update(dimensions, num_blocks=1, att_layer_num=1)
    config["predictor_conf"]["idim"] = width
    config["tokenizer_conf"]["token_list"] = os.path.join(encoder, "tokens.txt")
    config["frontend_conf"]["cmvn_file"] = None
    with open(path, "w", encoding="utf-8") as file:
        yaml.safe_dump(config, file)


def _write_configuration(path):
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"file_path_metas": {"init_param": "model.pt", "config": "config.yaml"}}, file)


def _write_encoder(path, folder):
    """The weights that the checkout's own model starts with (init_param is not there yet)."""
    import torch

    randomness.seed_all(0)
    torch.save(_build(folder).funasr_model.model.state_dict(), path)


def _write_codebook(path, width):
    import numpy as np

    codes = np.random.default_rng(0).standard_normal((CODES, width))
    np.save(path, codes.astype(np.float32))
