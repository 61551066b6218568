"""F5-TTS, end to end through the checkout's own `F5TTS.infer`, with its own defaults.

`nfe_step` is never passed: the checkout's default is what is measured. Needs F5-TTS 0.6.2 or newer.

Sizes, with random weights: `tiny` gives the checkout's DiT other dimensions (TINY of checkout.py), through
`load_model`, so that it works on every release and writes nothing into the view; `real` is
F5TTS_v1_Base (F5-TTS base in 0.6.2).

Of mixed weights the transformer or the vocoder is real, the other one random and of the published size.
With a folder of weights the size does not matter. It holds
    model.safetensors or model.pt    F5TTS_v1_Base as published (0.6.2: F5TTS_Base)
    vocab.txt
    vocos/config.yaml, vocos/pytorch_model.bin
and the voice is the checkout's own example, infer/examples/basic/basic_ref_en.wav, unless one is given.

Counters: `nfe` function evaluations of the ODE (with or without batched guidance), `chunks` of text,
`vocoder_samples` of the wave, `epss` 1 where the time steps were those of Empirically Pruned Step Sampling.
"""

from __future__ import annotations

import collections
import importlib
import os
import sys
import types

import _ttsopt_instruments as instruments
import _ttsopt_stubs as stubs
import _ttsopt_workload_checkout as checkout
import _ttsopt_workload_evaluations as evaluations
import _ttsopt_workload_weights as weights

TRAINER = "the trainer (f5_tts.model.trainer): an empty stub, it takes no part in speaking"
LOADING = "torchaudio.load: WAV files are read by soundfile"
EXTENSION = "torchaudio's C extension: left out where it cannot load beside this torch"
WEIGHTS = "random weights, zero ones re-initialised: what comes out is sound, not speech"
PAGE = (
    "Gradio's look at its own page: left out, for on a slow machine it gives up after three seconds"
)
HUB = "cached_path: the folder of weights, in the place of a download"
VOICE = "the voices to clone: hums of two seconds"
STUBS = (
    WEIGHTS,
    VOICE,
    TRAINER,
    LOADING,
    EXTENSION,
)
# Of each close patch: what it could save, and must not.
WORK = {
    "cuda-graph": ("nfe", "chunks"),
    "fewer-launches": ("nfe", "chunks"),
    "fused-dit": ("nfe", "chunks"),
    "packed-linears": ("nfe", "chunks", "vocoder_samples"),
    "tf32": ("nfe", "chunks", "vocoder_samples"),
    "torch-compile": ("nfe", "chunks"),
}
VOICE_TEXT = "A low voice hums for a while."
EXAMPLE = "infer/examples/basic/basic_ref_en.wav"
EXAMPLE_TEXT = "Some call me nature, others call me mother nature."

MODEL = {}


def prepare(job):
    """Write what is not there yet: voice, vocoder, and the checkpoint of the checkout's own model."""
    if job["weights"] != "random":
        return
    install_stubs()
    folder = checkout.folder(job)
    weights.write_weights(job, folder)
    stubs.voices(job, folder, VOICE_TEXT)


def load(job):
    """Build F5TTS from the files of `prepare`, or from a folder of weights; return speak."""
    global STUBS  # noqa: PLW0603 - what is stood in for depends on the job
    install_stubs()
    import torch

    torch.set_num_threads(job["threads"])
    folder, voices = _voices(job)
    model = checkout.build(job, folder)
    STUBS = (TRAINER, LOADING, EXTENSION)
    if job["weights"] == "random":
        STUBS = (stubs.of_weights(job, WEIGHTS), VOICE) + STUBS
    counted, waves = evaluations.count_evaluations(), instruments.Instruments()
    waves.measure(model.vocoder, "decode", "vocoder_samples")
    first = next(model.ema_model.parameters())
    MODEL.update(device=str(first.device), dtype=str(first.dtype))

    def speak(utterance, seed):
        counted.clear()
        waves.clear()
        model.seed = seed  # 1.0.0 reads it there, and sets it only where it draws the seed itself
        voice, voice_text = voices[utterance.get("voice", 0)]
        samples, rate, _ = model.infer(voice, voice_text, utterance["text"], seed=seed)
        counters = dict(counted.totals(), **waves.counters())
        if job["weights"] == "random" and counters["chunks"] != 1:
            raise ValueError(
                "the text became %d chunks, which F5-TTS speaks in threads that share one random "
                "generator, so that no run repeats: use a text of one sentence, or real weights"
                % counters["chunks"]
            )
        return {"samples": samples, "sample_rate": rate, "counters": counters}

    return speak


def serve(job):
    """Have infer_gradio.py find the files of `prepare`, or of a folder of weights, in place of published ones."""
    global STUBS  # noqa: PLW0603 - as in `load`
    install_stubs()
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    importlib.import_module("gradio.networking").url_ok = lambda _: True
    folder, voices = _voices(job)
    checkout.serve(job, folder)
    STUBS = (TRAINER, LOADING, EXTENSION, HUB, PAGE)
    if job["weights"] == "random":
        STUBS = (stubs.of_weights(job, WEIGHTS), VOICE) + STUBS
    voice, said = voices[job["utterances"][0]["voice"]]
    return {"voice": voice, "prompt_text": said}


def describe():
    """Device and dtype of the model that spoke."""
    return dict(MODEL)


def _voices(job):
    """Folder of the weights, and the voices by number; FileNotFoundError where something lacks."""
    folder = checkout.folder(job)
    needed = [checkout.checkpoint(folder), os.path.join(folder, "vocos", "pytorch_model.bin")]
    needed += [os.path.join(folder, "vocab.txt")] * (job["weights"] != "random")
    missing = [path for path in needed if not os.path.exists(path)]
    if missing:
        raise FileNotFoundError("F5-TTS needs %s" % ", ".join(missing))
    if job["weights"] == "random" or job.get("prompt_audio"):
        return folder, stubs.voices(job, folder, VOICE_TEXT)
    from importlib.resources import files

    example = (str(files("f5_tts").joinpath(EXAMPLE)), EXAMPLE_TEXT)
    return folder, collections.defaultdict(lambda: example)


def install_stubs():
    """Put the stubs where the checkout's imports find them."""
    trainer = types.ModuleType("f5_tts.model.trainer")
    trainer.Trainer = type("Trainer", (), {})
    sys.modules["f5_tts.model.trainer"] = trainer
    stubs.import_torchaudio().load = stubs.load_audio
