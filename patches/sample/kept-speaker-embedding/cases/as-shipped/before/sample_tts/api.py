"""The synthesiser."""

from pathlib import Path

from sample_tts.speaker import embed


class SampleTTS:
    def __init__(self, voice="reference.wav"):
        self.voice = Path(voice)
        self.language = "en"

    def speak(self, text: str, seed: int = 0, nfe_step: int = 32) -> list:
        samples = []
        for fragment in text.split(","):
            samples += self._speak_fragment(fragment, seed, nfe_step)
        return samples

    def _speak_fragment(self, fragment, seed, nfe_step):
        # The reference is analysed again for every fragment.
        speaker = embed(self.voice)
        return [speaker, fragment, seed, nfe_step]
