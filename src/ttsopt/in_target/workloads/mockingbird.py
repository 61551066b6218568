"""MockingBird, from reference voice to wave, through the checkout's own inference modules.

What its web demo does for a message: `encoder.preprocess_wav` and `embed_utterance` of the voice, the text cut
at punctuation, `Synthesizer.synthesize_spectrograms` of the pieces (Tacotron), `infer_waveform` of HiFi-GAN. No
option is passed: the checkout's defaults are what is measured. Both layouts run (models/..., and encoder,
synthesizer, vocoder at the top), from 8195a55 (2021-09-07) on, which brought HiFi-GAN; where the checkout
imports `imp`, on Python 3.11 at most.

Sizes, with random weights: `tiny` gives the checkout's Tacotron and HiFi-GAN other dimensions (TINY,
TINY_CHANNELS); its speaker encoder is small as it is. `real` has the dimensions of the published models.

With a folder of weights the size does not matter. Not run by us: the published Tacotrons are downloads of their
own. It is laid out as upstream's data/ckpt:
    encoder/pretrained.pt
    synthesizer/    one .pt, at any depth, and its .json if it has one
    vocoder/pretrained/g_hifigan.pt, and its .json; without one the checkout's own config_16k_.json
    voices/*.wav    the voices to clone; without one the checkout's own sample

Counters: seconds of the stages (`preprocess` of the voice, `embed`, `synthesize`, `vocode`), `embeddings` and
`decoder_steps` computed, `mel_frames`. PreNet's dropout stays on when it speaks: it is seeded per call, so that
a call repeats.
"""

from __future__ import annotations

import glob
import importlib
import inspect
import os
import re
from pathlib import Path

WEIGHTS = "random weights: what comes out is sound, not speech"
VOICE = "the voice to clone: a generated hum of five seconds"
ENDING = "the end of a sentence, and silence behind it: by its length, 14 letters or 4.5 syllables a second"
STANDS_IN = (WEIGHTS, VOICE, ENDING)

# encoder, synthesizer, vocoder: since 74a3fc9 (2022-12-03), since 32b9755 (2021-09-12), before.
LAYOUTS = (
    (
        "models.encoder.inference",
        "models.synthesizer.inference",
        "models.vocoder.hifigan.inference",
    ),
    ("encoder.inference", "synthesizer.inference", "vocoder.hifigan.inference"),
    ("encoder.inference", "synthesizer.inference", "hifigan.inference"),
)
ENCODER = "encoder/pretrained.pt"
VOCODER = "vocoder/pretrained/g_hifigan.pt"
SYNTHESIZER = "synthesizer/random.pt"
# tts_encoder_dims stays: in October 2021 a style of fixed size is added to what it and the embedding make up.
TINY = {
    "tts_embed_dims": 128,
    "tts_decoder_dims": 64,
    "tts_postnet_dims": 128,
    "tts_lstm_dims": 256,
}
TINY_CHANNELS = 64
PUNCTUATION = re.compile("[！，。、,\n]+")  # where toolbox, web demo and gen_voice.py cut
FRAMES_A_SECOND = 80  # HiFi-GAN makes 200 samples at 16 kHz of one
SYMBOLS_A_SYLLABLE = 5  # "hao3 " and the like: a syllable of pinyin ends with the digit of its tone
SILENCE = -4.0  # the least value of a mel: hparams.max_abs_value


class UnsupportedCheckoutError(RuntimeError):
    """A release of MockingBird that cannot be run as asked; the message says what to do."""


loaded = {}


def prepare(job):
    """Write what is not there yet: voices, and the checkpoints of the checkout's own models."""
    import _ttsopt_stand_ins as stand_ins  # of ttsopt: in_target/stand_ins.py

    if job["weights"] != "random":
        return
    import torch

    folder = _folder(job)
    _write_voices(job)
    encoder, synthesis, vocoder = _modules(job)
    for name, write in (
        (ENCODER, lambda path: _write_encoder(encoder, path)),
        (SYNTHESIZER, lambda path: _write_synthesizer(synthesis, path)),
        (VOCODER, lambda path: _write_vocoder(vocoder, path)),
    ):
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        torch.manual_seed(0)
        stand_ins.write_once(path, write)


def load(job):
    """Load the three models with the checkout's own loaders; return speak."""
    global STANDS_IN  # noqa: PLW0603 - what is stood in for depends on the job
    import _ttsopt_instruments as instruments  # of ttsopt: in_target/instruments.py
    import numpy as np
    import torch

    torch.set_num_threads(job["threads"])
    is_random = job["weights"] == "random"
    encoder, synthesis, vocoder = _modules(job)
    weights, voices = _weights(job), _voices(job)
    encoder.load_model(weights[0])
    synthesizer = synthesis.Synthesizer(weights[1])
    synthesizer.load()
    _load_vocoder(vocoder, weights[2])
    loaded.update(synthesizer=synthesizer._model, encoder=encoder._model, vocoder=vocoder.generator)  # noqa: SLF001
    STANDS_IN = ()
    if is_random:
        STANDS_IN = (WEIGHTS, ENDING) if job.get("prompt_audio") else (WEIGHTS, VOICE, ENDING)
        _end_by_length(loaded["synthesizer"], synthesis.symbols)
    watch = instruments.Instruments()
    for owner, name, stage in (
        (encoder, "preprocess_wav", "preprocess"),
        (encoder, "embed_utterance", "embed"),
        (synthesizer, "synthesize_spectrograms", "synthesize"),
        (vocoder, "infer_waveform", "vocode"),
    ):
        watch.time(owner, name, stage)
    watch.count(encoder, "embed_frames_batch", "embeddings")
    watch.count(loaded["synthesizer"].decoder, "forward", "decoder_steps")

    def speak(utterance, seed):
        watch.clear()
        torch.manual_seed(seed)
        voice = voices[utterance.get("voice", 0) % len(voices)]
        embedding = encoder.embed_utterance(encoder.preprocess_wav(voice))
        texts = [text.strip() for text in PUNCTUATION.split(utterance["text"]) if text.strip()]
        mels = synthesizer.synthesize_spectrograms(texts, [embedding] * len(texts))
        watch.add("mel_frames", sum(mel.shape[1] for mel in mels))
        spoken = vocoder.infer_waveform(np.concatenate(mels, axis=1))
        # Since b617a87 (2022-03-03) with its rate.
        samples, rate = spoken if isinstance(spoken, tuple) else (spoken, synthesizer.sample_rate)
        return {"samples": samples, "sample_rate": rate, "counters": watch.counters()}

    return speak


def describe():
    """What holds: Tacotron's device, type and reduction factor, and the types of the other two."""
    first = {name: next(model.parameters()) for name, model in loaded.items()}
    types = {name + "_dtype": str(first[name].dtype) for name in ("encoder", "vocoder")}
    tacotron = first["synthesizer"]
    frames = int(loaded["synthesizer"].r)
    return {
        "device": str(tacotron.device),
        "dtype": str(tacotron.dtype),
        "frames_a_step": frames,
        **types,
    }


# ---- the checkout ----


def _modules(job):
    """The inference modules of the view (encoder, synthesizer, vocoder), of the size asked for."""
    for names in LAYOUTS:
        if all(
            os.path.exists(os.path.join(job["view"], name.replace(".", "/") + ".py"))
            for name in names
        ):
            break
    else:
        raise UnsupportedCheckoutError(
            "this checkout has no inference.py of a speaker encoder, a synthesizer and HiFi-GAN: MockingBird of "
            "7 September 2021 (8195a55) or newer is needed"
        )
    encoder, synthesis, vocoder = map(_import, names)
    if job["weights"] == "random" and job["size"] == "tiny":
        for name, value in TINY.items():
            setattr(synthesis.Synthesizer.hparams, name, value)
        _shrink(vocoder)
    return encoder, synthesis, vocoder


def _import(name):
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != "imp":
            raise
        raise UnsupportedCheckoutError(
            "this checkout imports `imp`, which Python 3.12 took out: Python 3.11 or older is needed"
        ) from None


def _shrink(vocoder):
    """Have load_model build a narrow Generator: no version of 2021 can be told of another configuration."""
    generator = vocoder.Generator

    def narrow(configuration):
        configuration.update(upsample_initial_channel=TINY_CHANNELS)
        return generator(configuration)

    vocoder.Generator = narrow


def _load_vocoder(vocoder, path):
    """The checkout's load_model; told of a configuration where it can be (since b617a87, 2022-03-03).

    What it takes for itself is not there in every version: ./vocoder/hifigan/... in one that has models/vocoder.
    """
    options = {}
    if "config_fpath" in inspect.signature(vocoder.load_model).parameters:
        own = Path(vocoder.__file__).with_name("config_16k_.json")
        options["config_fpath"] = next(iter(sorted(path.parent.rglob("*.json"))), own)
    vocoder.load_model(path, **options)


def _end_by_length(tacotron, symbols):
    """Have the decoder say that it is at the end of a text where its length says so: a random one says anything.

    As of a trained model in a batch, what comes behind the end is silence, which upstream cuts off.
    """
    import torch

    generate, now = tacotron.generate, {}

    def ending(chars, *arguments, **options):
        frames = [_frames([symbols[i] for i in row if i]) for row in chars.tolist()]  # 0 is padding
        now.update(ends=torch.tensor(frames, device=chars.device).unsqueeze(1), frames=0)
        mels, linear, attention = generate(chars, *arguments, **options)
        behind = torch.arange(linear.size(2), device=linear.device) >= now["ends"]
        return mels, linear.masked_fill(behind.unsqueeze(1), SILENCE), attention

    def stop(_, __, output):
        now["frames"] += output[0].size(2)
        return output[:-1] + ((now["frames"] >= now["ends"]).to(output[-1].dtype),)

    tacotron.generate = ending
    tacotron.decoder.register_forward_hook(stop)


def _frames(letters):
    syllables = sum(letter.isdigit() for letter in letters)
    others = max(0, len(letters) - SYMBOLS_A_SYLLABLE * syllables)
    return max(FRAMES_A_SECOND // 2, round(FRAMES_A_SECOND * (syllables / 4.5 + others / 14)))


# ---- what is on disk ----


def _folder(job):
    """Where the weights are."""
    if job["weights"] != "random":
        return job["weights"]
    return os.path.join(job["scratch"], "mockingbird-" + job["size"])


def _weights(job):
    """Paths of the three checkpoints, in the order of the modules; FileNotFoundError where one lacks."""
    folder = Path(_folder(job))
    tacotrons = sorted((folder / "synthesizer").rglob("*.pt"))
    if len(tacotrons) != 1:
        raise FileNotFoundError(
            "MockingBird needs one .pt in %s: %d are there"
            % (folder / "synthesizer", len(tacotrons))
        )
    missing = [name for name in (ENCODER, VOCODER) if not (folder / name).exists()]
    if missing:
        raise FileNotFoundError("MockingBird needs %s in %s" % (" and ".join(missing), folder))
    return folder / ENCODER, tacotrons[0], folder / VOCODER


def _voices(job):
    """The voices to choose from, by number."""
    if job.get("prompt_audio"):
        return [job["prompt_audio"]]
    if job["weights"] == "random":
        return [_voice(job, number) for number in range(max(_write_voices(job)) + 1)]
    folders = (job["weights"] + "/voices", job["view"] + "/data/samples", job["view"] + "/samples")
    found = [sorted(glob.glob(folder + "/*.wav")) for folder in folders]
    if not any(found):
        raise FileNotFoundError(
            "MockingBird needs a voice to clone: put a WAV into %s" % folders[0]
        )
    return next(paths for paths in found if paths)


def _voice(job, number):
    return os.path.join(job["scratch"], "mockingbird-voice-%d.wav" % number)


def _write_voices(job):
    """Write the voices that utterances ask for; their numbers."""
    import _ttsopt_stand_ins as stand_ins  # of ttsopt: in_target/stand_ins.py

    rows = job["utterances"] + [job.get("warmup_utterance") or {}]
    numbers = {row.get("voice", 0) for row in rows}
    for number in numbers:
        stand_ins.write_once(
            _voice(job, number),
            lambda path, number=number: stand_ins.write_voice(path, number, 16000, 5.0),
        )
    return numbers


# ---- random models: the checkout builds its own, only the reading of a checkpoint is replaced by writing one ----


def _write_encoder(encoder, path):
    import torch

    model = encoder.SpeakerEncoder(torch.device("cpu"), torch.device("cpu"))
    torch.save({"step": 0, "model_state": model.state_dict()}, path)


def _write_synthesizer(synthesis, path):
    import torch

    def write(model, *_):
        model.r = model_r
        torch.save({"model_state": model.state_dict()}, path)

    model_r = synthesis.Synthesizer.hparams.tts_schedule[-1][0]  # frames a step, as training ends
    read, synthesis.Tacotron.load = synthesis.Tacotron.load, write
    try:
        synthesis.Synthesizer(Path(path)).load()
    finally:
        synthesis.Tacotron.load = read


def _write_vocoder(vocoder, path):
    import torch

    def write(*_):
        state = {"generator": vocoder.generator.state_dict()}
        torch.save(state, path)
        return state

    read, vocoder.load_checkpoint = vocoder.load_checkpoint, write
    try:
        _load_vocoder(vocoder, Path(path))
    finally:
        vocoder.load_checkpoint = read
