"""The speech that goes in: the user's own recording, else generated syllables as long as the text."""

from __future__ import annotations

import array
import functools
import math
import os
import random
import wave

import _ttsopt_stubs as stubs

RATE = 24000  # as the prompts that upstream ships: the tokenizer resamples to 16 kHz
CHARACTERS_A_SECOND = 14.0


def path_of(job, utterance):
    """Return the input: the user's own recording, else speech as long as the text, in the voice of that number."""
    if job.get("prompt_audio"):
        return job["prompt_audio"]
    length = len(utterance["text"]) if "text" in utterance else utterance["characters"]
    seconds = round(min(60.0, max(1.0, length / CHARACTERS_A_SECOND)), 1)
    number = utterance.get("voice", 0)
    path = os.path.join(job["scratch"], "step-audio-speech-%%d-%.1f.wav" % seconds)
    write = functools.partial(_write_wav, seconds=seconds, number=number % stubs.TURN)
    return stubs.own_voice(job, path, number, write)


def write(job):
    """A 16-bit WAV for every voice and duration that the utterances need."""
    for utterance in job["utterances"] + job.get("warmup_utterances", []):
        path_of(job, utterance)


def _write_wav(path, seconds, number):
    """Syllables of 0.2 s: a harmonic source that glides, two formants, breath; a pause at times."""
    noise, samples, phase = random.Random(0), array.array("h"), 0.0  # noqa: S311 - a hiss
    for i in range(int(seconds * RATE)):
        syllable, within = divmod(i / (0.2 * RATE), 1.0)
        envelope = 0.0 if syllable % 6 == 5 else math.sin(math.pi * within) ** 0.5  # noqa: PLR2004
        pitch = 110 + 9 * number + 40 * math.sin(0.9 * syllable) + 25 * within
        phase += pitch / RATE
        formants = (400 + 300 * math.sin(2.1 * syllable), 1500 + 700 * math.cos(1.7 * syllable))
        voice = sum(
            math.sin(2 * math.pi * k * phase)
            * sum(1.0 / (1.0 + ((k * pitch - formant) / 150.0) ** 2) for formant in formants)
            for k in range(1, 19)
        )
        samples.append(int(3000 * envelope * (voice + 0.1 * noise.gauss(0, 1)) + noise.gauss(0, 3)))
    with wave.open(path, "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(samples.tobytes())
