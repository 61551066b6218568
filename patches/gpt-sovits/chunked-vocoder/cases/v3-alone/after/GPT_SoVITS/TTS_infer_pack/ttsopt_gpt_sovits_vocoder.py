"""Run the vocoder of GPT-SoVITS v3 and v4 over a long mel spectrogram in chunks, for a lower peak of memory.

Each chunk gets as many frames of its neighbours on both sides as the vocoder looks at, and what comes of those is
discarded: nothing is cross-faded, and the joints are as the whole would be, but for float rounding.

Two keys under `custom` of tts_infer.yaml, read at every call: use_vocoder_optimization (true where missing) and
vocoder_chunk_size, in frames (500 where missing). TTSOPT_CHUNKED_VOCODER=0 in the environment turns it off, too.
A vocoder that is not known, one whose output has no whole number of samples a frame, or a chunk size that is no
positive number: the whole at once, as before, which is said once on stderr.
Laid out by ttsopt beside the file that uses it; needs Python 3.8 and the torch that is there.
"""

import os
import sys

import torch

SWITCH = "TTSOPT_CHUNKED_VOCODER"
USE, SIZE = "use_vocoder_optimization", "vocoder_chunk_size"
FRAMES = 500
# Frames that the output of one frame depends on, on either side: Generator (v4) 12.4, BigVGAN (v3) 28.7.
CONTEXT = {"Generator": 16, "BigVGAN": 32}
_OFF = {"0", "off", "no", "false"}
_said = set()


class _NotInChunksError(Exception):
    """Why this vocoder cannot be run in chunks."""


def vocoder_keys(configs):
    """Those of the two keys that the settings hold: TTS_Config writes back only what it knows itself."""
    return {key: configs[key] for key in (USE, SIZE) if key in (configs or {})}


def in_chunks(vocoder, mel, configs):
    """`vocoder(mel)`, samples (1, 1, n) of mel (1, bands, frames), with the settings under `custom`."""
    keys = vocoder_keys(configs)
    if os.environ.get(SWITCH, "").strip().lower() in _OFF or not keys.get(USE, True):
        return vocoder(mel)
    try:
        size = _frames(keys.get(SIZE, FRAMES))
        if mel.shape[-1] <= size:
            return vocoder(mel)
        return _joined(vocoder, mel, size)
    except _NotInChunksError as reason:
        _say_once("%s: the whole mel spectrogram at once" % reason)
        return vocoder(mel)


def _joined(vocoder, mel, size):
    kind = type(vocoder).__name__
    if kind not in CONTEXT:
        raise _NotInChunksError("how far %s looks is not known" % kind)
    frames, parts = mel.shape[-1], []
    for start in range(0, frames, size):
        first, last = max(0, start - CONTEXT[kind]), min(frames, start + size + CONTEXT[kind])
        made = vocoder(mel[:, :, first:last])
        rate, rest = divmod(made.shape[-1], last - first)
        if rest:
            raise _NotInChunksError("%s makes no whole number of samples a frame" % kind)
        wanted = min(size, frames - start) * rate
        # A copy: a slice would keep the whole chunk with its context.
        parts.append(made[:, :, (start - first) * rate :][:, :, :wanted].clone())
    return torch.cat(parts, dim=2)


def _frames(size):
    """The chunk size as a number, however a settings file writes it."""
    try:
        frames = int(size)
    except (TypeError, ValueError):
        frames = 0
    if frames < 1:
        raise _NotInChunksError("%s is %r, not a number of frames" % (SIZE, size))
    return frames


def _say_once(text):
    if text not in _said:
        _said.add(text)
        sys.stderr.write("ttsopt_gpt_sovits_vocoder: %s\n" % text)
