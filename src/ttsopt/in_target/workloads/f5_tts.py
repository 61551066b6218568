"""F5-TTS, end to end through the checkout's own `F5TTS.infer`, with its own defaults.

`nfe_step` is never passed: the checkout's default is what is measured. Needs F5-TTS 0.6.2 or newer.

Sizes, with random weights: `tiny` gives the checkout's DiT other dimensions (TINY), through
`load_model`, so that it works on every release and writes nothing into the view; `real` is
F5TTS_v1_Base (F5-TTS base in 0.6.2).

With a folder of weights the size does not matter. It holds
    model.safetensors or model.pt    F5TTS_v1_Base as published (0.6.2: F5TTS_Base)
    vocab.txt
    vocos/config.yaml, vocos/pytorch_model.bin
and the voice is the checkout's own example, infer/examples/basic/basic_ref_en.wav, unless one is given.

Counters: `nfe` function evaluations of the ODE (with or without batched guidance), `chunks` of text,
`epss` 1 where the time steps were those of Empirically Pruned Step Sampling.
"""

from __future__ import annotations

import collections
import importlib
import inspect
import os
import sys
import types

TRAINER = "the trainer (f5_tts.model.trainer): an empty stand-in, it takes no part in speaking"
LOADING = "torchaudio.load: WAV files are read by soundfile"
EXTENSION = "torchaudio's C extension: left out where it cannot load beside this torch"
STANDS_IN = (
    "random weights, zero ones re-initialised: what comes out is sound, not speech",
    "the voices to clone: hums of two seconds",
    TRAINER,
    LOADING,
    EXTENSION,
)
VOICE_TEXT = "A low voice hums for a while."
EXAMPLE = "infer/examples/basic/basic_ref_en.wav"
EXAMPLE_TEXT = "Some call me nature, others call me mother nature."

# What every release since 0.6.2 accepts; the DiT takes 99 % of the time all the same.
TINY = {"dim": 256, "depth": 5, "heads": 4, "ff_mult": 2, "text_dim": 128, "conv_layers": 2}
VOCOS = {"tiny": (64, 128, 2), "real": (512, 1536, 8)}  # dim, intermediate_dim, num_layers
VOCOS_YAML = """\
feature_extractor:
  class_path: vocos.feature_extractors.MelSpectrogramFeatures
  init_args: {sample_rate: 24000, n_fft: 1024, hop_length: 256, n_mels: 100, padding: center}
backbone:
  class_path: vocos.models.VocosBackbone
  init_args: {input_channels: 100, dim: %d, intermediate_dim: %d, num_layers: %d}
head:
  class_path: vocos.heads.ISTFTHead
  init_args: {dim: %d, n_fft: 1024, hop_length: 256, padding: center}
"""


MODEL = {}


class UnsupportedCheckoutError(RuntimeError):
    """A release of F5-TTS that cannot be run as asked; the message says what to do."""


def prepare(job):
    """Write what is not there yet: voice, vocoder, and the checkpoint of the checkout's own model."""
    import _ttsopt_stand_ins as stand_ins  # of ttsopt: in_target/stand_ins.py

    if job["weights"] != "random":
        return
    folder = _folder(job)
    os.makedirs(os.path.join(folder, "vocos"), exist_ok=True)
    stand_ins.voices(job, folder, VOICE_TEXT)
    stand_in()
    stand_ins.write_once(
        os.path.join(folder, "vocos", "config.yaml"), lambda p: _write_vocos_config(p, job)
    )
    stand_ins.write_once(os.path.join(folder, "vocos", "pytorch_model.bin"), _write_vocos_weights)
    stand_ins.write_once(
        os.path.join(folder, "model.safetensors"), lambda path: _write_checkpoint(path, job)
    )


def load(job):
    """Build F5TTS from the files of `prepare`, or from a folder of weights; return speak."""
    global STANDS_IN  # noqa: PLW0603 - what is stood in for depends on the job
    stand_in()
    import torch

    torch.set_num_threads(job["threads"])
    folder, voices = _voices(job)
    model = _build(job, folder)
    if job["weights"] != "random":
        STANDS_IN = (TRAINER, LOADING, EXTENSION)
    counted = count_evaluations()
    first = next(model.ema_model.parameters())
    MODEL.update(device=str(first.device), dtype=str(first.dtype))

    def speak(utterance, seed):
        counted.clear()
        model.seed = seed  # 1.0.0 reads it there, and sets it only where it draws the seed itself
        voice, voice_text = voices[utterance.get("voice", 0)]
        samples, rate, _ = model.infer(voice, voice_text, utterance["text"], seed=seed)
        counters = counted.totals()
        if job["weights"] == "random" and counters["chunks"] != 1:
            raise ValueError(
                "the text became %d chunks, which F5-TTS speaks in threads that share one random "
                "generator, so that no run repeats: use a text of one sentence, or real weights"
                % counters["chunks"]
            )
        return {"samples": samples, "sample_rate": rate, "counters": counters}

    return speak


def describe():
    """Device and dtype of the model that spoke."""
    return dict(MODEL)


class Evaluations:
    """What happened in the ODE solver since `clear`. Appending is atomic: chunks run in threads."""

    def __init__(self):
        self.clear()

    def clear(self):
        """Start anew."""
        self.calls, self.solutions, self.pruned = [], [], []

    def totals(self):
        """The counters."""
        chunks, pruned = len(self.solutions), len(self.pruned)
        return {"nfe": len(self.calls), "chunks": chunks, "epss": int(pruned > 0)}


def count_evaluations():
    """Wrap the ODE solver where `f5_tts.model.cfm` calls it; returns what it counts into.

    The transformer is no measure: guidance calls it twice an evaluation until b3ef4ed (2025-06-12),
    once from then on.
    """
    cfm = importlib.import_module("f5_tts.model.cfm")
    counted, solve = Evaluations(), cfm.odeint

    def odeint(fn, y0, t, **options):
        counted.solutions.append(1)

        def evaluate(time, x):
            counted.calls.append(1)
            return fn(time, x)

        return solve(evaluate, y0, t, **options)

    cfm.odeint = odeint
    prune = getattr(cfm, "get_epss_timesteps", None)  # since 2e2acc6 (2025-06-04, 1.1.5)
    if prune is not None:
        cfm.get_epss_timesteps = _watched(prune, counted)
    return counted


def _watched(prune, counted):
    """get_epss_timesteps, noting when the steps that it gives are not equal ones."""

    def get_epss_timesteps(n, device, dtype):
        steps = prune(n, device=device, dtype=dtype)
        gaps = steps[1:] - steps[:-1]
        if float(gaps.max() - gaps.min()) > 1e-3:  # noqa: PLR2004 - EPSS's unit is 1/32
            counted.pruned.append(1)
        return steps

    return get_epss_timesteps


def _build(job, folder):
    """The checkout's F5TTS, by whatever names this release has for its parameters."""
    api = _api()
    accepted = inspect.signature(api.F5TTS.__init__).parameters
    vocoder = "vocoder_local_path" if "vocoder_local_path" in accepted else "local_path"
    if vocoder not in accepted or not hasattr(api, "load_model"):
        raise UnsupportedCheckoutError(
            "F5TTS of this checkout takes no local vocoder: F5-TTS 0.6.2 or newer is needed"
        )
    options = {"ckpt_file": _checkpoint(folder), vocoder: os.path.join(folder, "vocos")}
    tiny = job["weights"] == "random" and job["size"] == "tiny"
    if tiny:
        _shrink(api)
    if "model" in accepted:
        # 1.0.0 knows no v1 ("Unknown model type"); the dimensions of tiny are given above.
        options["model"] = "F5TTS_Base" if tiny else "F5TTS_v1_Base"
    if job["weights"] != "random":
        options["vocab_file"] = os.path.join(folder, "vocab.txt")
    return api.F5TTS(**options)


def _api():
    """f5_tts.api of the view."""
    try:
        return importlib.import_module("f5_tts.api")
    except ModuleNotFoundError as error:
        if error.name not in ("f5_tts", "f5_tts.api"):
            raise
        raise UnsupportedCheckoutError(
            "this checkout has no f5_tts/api.py: F5-TTS 0.6.2 or newer is needed"
        ) from None


def _shrink(api):
    """Have load_model build the tiny transformer, whatever dimensions it is asked for."""
    load_model = api.load_model

    def load_tiny_model(model_class, _, *rest, **options):
        return load_model(model_class, dict(TINY), *rest, **options)

    api.load_model = load_tiny_model


def _checkpoint(folder):
    """The model file of a folder of weights."""
    for name in ("model.safetensors", "model.pt"):
        if os.path.exists(os.path.join(folder, name)):
            return os.path.join(folder, name)
    return os.path.join(folder, "model.safetensors")  # of `prepare`, which is about to write it


def _folder(job):
    """Where the weights are."""
    if job["weights"] != "random":
        return job["weights"]
    return os.path.join(job["scratch"], "f5-tts-" + job["size"])


def _voices(job):
    """Folder of the weights, and the voices by number; FileNotFoundError where something lacks."""
    import _ttsopt_stand_ins as stand_ins  # of ttsopt: in_target/stand_ins.py

    folder = _folder(job)
    needed = [_checkpoint(folder), os.path.join(folder, "vocos", "pytorch_model.bin")]
    needed += [os.path.join(folder, "vocab.txt")] * (job["weights"] != "random")
    missing = [path for path in needed if not os.path.exists(path)]
    if missing:
        raise FileNotFoundError("F5-TTS needs %s" % ", ".join(missing))
    if job["weights"] == "random" or job.get("prompt_audio"):
        return folder, stand_ins.voices(job, folder, VOICE_TEXT)
    from importlib.resources import files

    example = (str(files("f5_tts").joinpath(EXAMPLE)), EXAMPLE_TEXT)
    return folder, collections.defaultdict(lambda: example)


def _write_vocos_config(path, job):
    dim, intermediate, layers = VOCOS[job["size"]]
    with open(path, "w", encoding="utf-8") as file:
        file.write(VOCOS_YAML % (dim, intermediate, layers, dim))


def _write_vocos_weights(path):
    import torch
    from vocos import Vocos

    torch.manual_seed(0)
    config = os.path.join(os.path.dirname(path), "config.yaml")
    torch.save(Vocos.from_hparams(config).state_dict(), path)


def _write_checkpoint(path, job):
    """Random weights of the very model that the checkout builds.

    The checkout's own load_model builds it; only the reading of the checkpoint is replaced, by
    writing one. Zero-initialised weights (AdaLN, proj_out) would make every output 0.
    """
    import _ttsopt_randomness as randomness  # of ttsopt: in_target/randomness.py
    import torch
    from safetensors.torch import save_file

    utils_infer = importlib.import_module("f5_tts.infer.utils_infer")
    read = utils_infer.load_checkpoint

    def write(model, *_, **__):
        randomness.without_zeros(model)
        state = {"ema_model." + name: x.contiguous() for name, x in model.state_dict().items()}
        save_file(state, path)
        return model

    torch.manual_seed(0)
    utils_infer.load_checkpoint = write
    try:
        _build(job, os.path.dirname(path))
    finally:
        utils_infer.load_checkpoint = read


def stand_in():
    """Put the stand-ins where the checkout's imports find them."""
    import _ttsopt_stand_ins as stand_ins  # of ttsopt: in_target/stand_ins.py

    trainer = types.ModuleType("f5_tts.model.trainer")
    trainer.Trainer = type("Trainer", (), {})
    sys.modules["f5_tts.model.trainer"] = trainer
    stand_ins.import_torchaudio().load = stand_ins.load_audio
