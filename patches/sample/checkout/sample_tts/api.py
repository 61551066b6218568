"""The synthesiser: text in, samples out."""

from __future__ import annotations

from pathlib import Path

from sample_tts import acoustic
from sample_tts.audio import SAMPLE_RATE
from sample_tts.frontend import Fragment, Frontend
from sample_tts.speaker import embed
from sample_tts.vocoder import Vocoder

REFERENCE_VOICE = Path(__file__).parent / "voices" / "reference.wav"


class SampleTTS:
    """Speaks English in the voice of a reference recording (16-bit mono WAV, 16 kHz)."""

    sample_rate = SAMPLE_RATE

    def __init__(self, voice: str | Path = REFERENCE_VOICE) -> None:
        self.voice = Path(voice)
        self.frontend = Frontend()
        self.vocoder = Vocoder()

    def speak(self, text: str, seed: int = 0, nfe_step: int = 32) -> list[float]:
        """Samples in about [-1, 1] at `sample_rate`; the same ones for the same text and seed."""
        samples: list[float] = []
        for number, fragment in enumerate(self.frontend.fragments(text)):
            samples += self._speak_fragment(fragment, 1000 * seed + number, nfe_step)
            samples += [0.0] * round(fragment.pause * SAMPLE_RATE)
        return samples

    def _speak_fragment(self, fragment: Fragment, seed: int, nfe_step: int) -> list[float]:
        # Hot spot: the reference is analysed again for every fragment, as GPT-SoVITS decodes its
        # reference again in `decode_encp` and CosyVoice extracts the speaker of each prompt anew.
        speaker = embed(self.voice)
        phones = self.frontend.phones(fragment.text)
        if not phones:
            return []
        target = acoustic.targets(phones, speaker, fragment.mark)
        frames = acoustic.refine(target, seed, nfe_step)
        return self.vocoder.synthesise(frames, seed)
