"""The voices to clone: published ones, else hums."""

from __future__ import annotations

import glob
import os

import _ttsopt_stubs as stubs

VOICE_BEFORE = 1000  # the number of a voice that nobody asks for


def published_voices(job):
    """The files of voices that a folder of weights has with it."""
    if job["weights"] == "random":
        return []
    return sorted(glob.glob(os.path.join(job["weights"], "voices", "*.wav")))


def voice(job, utterance):
    """The file of the voice to clone."""
    if job.get("prompt_audio"):
        return job["prompt_audio"]
    number, published = utterance.get("voice", 0), published_voices(job)
    if published:
        return published[number % len(published)]
    path = os.path.join(job["scratch"], "index-tts-voice-%d.wav")
    base = number % stubs.TURN
    return stubs.own_voice(job, path, number, lambda path: stubs.write_voice(path, base))


def write_voices(job):
    """A hum for every voice that is asked for, and for the one before."""
    for number in [*stubs.voice_numbers(job), VOICE_BEFORE]:
        voice(job, {"voice": number})
