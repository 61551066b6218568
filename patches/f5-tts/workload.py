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
`epss` 1 where the time steps were those of Empirically Pruned Step Sampling.
"""

from __future__ import annotations

import collections
import os
import sys
import types

import _ttsopt_stand_ins as stand_ins
import _ttsopt_workload_checkout as checkout
import _ttsopt_workload_evaluations as evaluations
import _ttsopt_workload_weights as weights

TRAINER = "the trainer (f5_tts.model.trainer): an empty stand-in, it takes no part in speaking"
LOADING = "torchaudio.load: WAV files are read by soundfile"
EXTENSION = "torchaudio's C extension: left out where it cannot load beside this torch"
WEIGHTS = "random weights, zero ones re-initialised: what comes out is sound, not speech"
VOICE = "the voices to clone: hums of two seconds"
STANDS_IN = (
    WEIGHTS,
    VOICE,
    TRAINER,
    LOADING,
    EXTENSION,
)
VOICE_TEXT = "A low voice hums for a while."
EXAMPLE = "infer/examples/basic/basic_ref_en.wav"
EXAMPLE_TEXT = "Some call me nature, others call me mother nature."

MODEL = {}


def prepare(job):
    """Write what is not there yet: voice, vocoder, and the checkpoint of the checkout's own model."""
    if job["weights"] != "random":
        return
    stand_in()
    folder = checkout.folder(job)
    weights.write_weights(job, folder)
    stand_ins.voices(job, folder, VOICE_TEXT)


def load(job):
    """Build F5TTS from the files of `prepare`, or from a folder of weights; return speak."""
    global STANDS_IN  # noqa: PLW0603 - what is stood in for depends on the job
    stand_in()
    import torch

    torch.set_num_threads(job["threads"])
    folder, voices = _voices(job)
    model = checkout.build(job, folder)
    STANDS_IN = (TRAINER, LOADING, EXTENSION)
    if job["weights"] == "random":
        STANDS_IN = (stand_ins.of_weights(job, WEIGHTS), VOICE) + STANDS_IN
    counted = evaluations.count_evaluations()
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


def _voices(job):
    """Folder of the weights, and the voices by number; FileNotFoundError where something lacks."""
    folder = checkout.folder(job)
    needed = [checkout.checkpoint(folder), os.path.join(folder, "vocos", "pytorch_model.bin")]
    needed += [os.path.join(folder, "vocab.txt")] * (job["weights"] != "random")
    missing = [path for path in needed if not os.path.exists(path)]
    if missing:
        raise FileNotFoundError("F5-TTS needs %s" % ", ".join(missing))
    if job["weights"] == "random" or job.get("prompt_audio"):
        return folder, stand_ins.voices(job, folder, VOICE_TEXT)
    from importlib.resources import files

    example = (str(files("f5_tts").joinpath(EXAMPLE)), EXAMPLE_TEXT)
    return folder, collections.defaultdict(lambda: example)


def stand_in():
    """Put the stand-ins where the checkout's imports find them."""
    trainer = types.ModuleType("f5_tts.model.trainer")
    trainer.Trainer = type("Trainer", (), {})
    sys.modules["f5_tts.model.trainer"] = trainer
    stand_ins.import_torchaudio().load = stand_ins.load_audio
