"""MockingBird, from reference voice to wave, through the checkout's own inference modules.

What its web demo does for a message: `encoder.preprocess_wav` and `embed_utterance` of the voice, the text cut
at punctuation, `Synthesizer.synthesize_spectrograms` of the pieces (Tacotron), `infer_waveform` of HiFi-GAN. No
option is passed: the checkout's defaults are what is measured. Both layouts run (models/..., and encoder,
synthesizer, vocoder at the top), from 8195a55 (2021-09-07) on, which brought HiFi-GAN; where the checkout
imports `imp`, on Python 3.11 at most.

Sizes, with random weights: `tiny` gives the checkout's Tacotron and HiFi-GAN other dimensions (TINY and
TINY_CHANNELS of checkout.py); its speaker encoder is small as it is. `real` has those of the published models.

Of mixed weights each of the three models is real or random; the random ones have the published size.
With a folder of weights the size does not matter. Not run by us: the published Tacotrons are downloads of their
own. It is laid out as upstream's data/ckpt:
    encoder/pretrained.pt
    synthesizer/    one .pt, at any depth, and its .json if it has one
    vocoder/pretrained/g_hifigan.pt, and its .json; without one the checkout's own config_16k_.json
    voices/*.wav    the voices to clone; without one the checkout's own sample

Counters: seconds of the stages (`preprocess` of the voice, `embed`, `synthesize`, `vocode`), `embeddings` and
`decoder_steps` computed, `mel_frames`, `vocoder_samples`. PreNet's dropout stays on when it speaks: it is
seeded per call, so that a call repeats.
"""

from __future__ import annotations

import glob
import os
import re
from pathlib import Path

import _ttsopt_instruments as instruments
import _ttsopt_stubs as stubs
import _ttsopt_workload_checkout as checkout
import _ttsopt_workload_weights as weights

WEIGHTS = "random weights: what comes out is sound, not speech"
VOICE = "the voice to clone: a generated hum of five seconds"
ENDING = "the end of a sentence, and silence behind it: by its length, 14 letters or 4.5 syllables a second"
STUBS = (WEIGHTS, VOICE, ENDING)
# Of each close patch: what it could save, and must not.
WORK = {
    "autocast": ("vocoder_samples",),
    "bf16-encoder": ("decoder_steps", "mel_frames"),
    "decoder-graph": ("decoder_steps", "mel_frames"),
    "mel-projection": ("decoder_steps", "mel_frames"),
    "no-grad": ("decoder_steps", "mel_frames"),
    "packed-linears": ("decoder_steps", "mel_frames"),
    "request-batches": ("decoder_steps", "mel_frames"),
}

ENCODER = "encoder/pretrained.pt"
VOCODER = "vocoder/pretrained/g_hifigan.pt"
SYNTHESIZER = "synthesizer/model.pt"
PUNCTUATION = re.compile("[！，。、,\n]+")  # where toolbox, web demo and gen_voice.py cut
FRAMES_A_SECOND = 80  # HiFi-GAN makes 200 samples at 16 kHz of one
SYMBOLS_A_SYLLABLE = 5  # "hao3 " and the like: a syllable of pinyin ends with the digit of its tone
SILENCE = -4.0  # the least value of a mel: hparams.max_abs_value

loaded = {}


def prepare(job):
    """Write what is not there yet: voices, and the checkpoints of the checkout's own models."""
    if job["weights"] != "random":
        return
    import torch

    folder = _folder(job)
    _write_voices(job)
    encoder, synthesis, vocoder = checkout.modules(job)
    for name, write in (
        (ENCODER, lambda path: weights.write_encoder(encoder, path)),
        (SYNTHESIZER, lambda path: weights.write_synthesizer(synthesis, path)),
        (VOCODER, lambda path: weights.write_vocoder(vocoder, path)),
    ):
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        torch.manual_seed(0)
        stubs.write_once(path, write)


def load(job):
    """Load the three models with the checkout's own loaders; return speak."""
    global STUBS  # noqa: PLW0603 - what is stood in for depends on the job
    import numpy as np
    import torch

    torch.set_num_threads(job["threads"])
    is_random = job["weights"] == "random"
    encoder, synthesis, vocoder = checkout.modules(job)
    paths, voices = _weights(job), _voices(job)
    encoder.load_model(paths[0])
    synthesizer = synthesis.Synthesizer(paths[1])
    synthesizer.load()
    checkout.load_vocoder(vocoder, paths[2])
    loaded.update(synthesizer=synthesizer._model, encoder=encoder._model, vocoder=vocoder.generator)  # noqa: SLF001
    STUBS = ()
    if is_random:
        voice = () if job.get("prompt_audio") else (VOICE,)
        STUBS = (stubs.of_weights(job, WEIGHTS),) + voice
    if not stubs.is_real(job, "synthesizer"):
        STUBS += (ENDING,)
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
        number = utterance.get("voice", 0)
        voice = voices[number if number in voices else number % len(voices)]
        embedding = encoder.embed_utterance(encoder.preprocess_wav(voice))
        texts = [text.strip() for text in PUNCTUATION.split(utterance["text"]) if text.strip()]
        mels = synthesizer.synthesize_spectrograms(texts, [embedding] * len(texts))
        watch.add("mel_frames", sum(mel.shape[1] for mel in mels))
        spoken = vocoder.infer_waveform(np.concatenate(mels, axis=1))
        # Since b617a87 (2022-03-03) with its rate.
        samples, rate = spoken if isinstance(spoken, tuple) else (spoken, synthesizer.sample_rate)
        watch.add("vocoder_samples", len(samples))
        return {"samples": samples, "sample_rate": rate, "counters": watch.counters()}

    return speak


def describe():
    """Return what holds: Tacotron's device, type and reduction factor, and the types of the other two."""
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


def _folder(job):
    """Where the weights are."""
    return stubs.weights_folder(job, "mockingbird-" + job["size"])


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
    """The voices to choose from, by number; others count from the first again."""
    if job.get("prompt_audio"):
        return {0: job["prompt_audio"]}
    if job["weights"] == "random":
        return _write_voices(job)
    folders = (job["weights"] + "/voices", job["view"] + "/data/samples", job["view"] + "/samples")
    found = [sorted(glob.glob(folder + "/*.wav")) for folder in folders]
    if not any(found):
        raise FileNotFoundError(
            "MockingBird needs a voice to clone: put a WAV into %s" % folders[0]
        )
    return dict(enumerate(next(paths for paths in found if paths)))


def _write_voices(job):
    """The voices that utterances ask for, by number; written where they are not there."""
    path = os.path.join(job["scratch"], "mockingbird-voice-%d.wav")
    return {
        number: stubs.own_voice(
            job,
            path,
            number,
            lambda path, base=number % stubs.TURN: stubs.write_voice(path, base, 16000, 5.0),
        )
        for number in stubs.voice_numbers(job)
    }
