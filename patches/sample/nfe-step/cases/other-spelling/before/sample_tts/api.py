"""The synthesiser."""

from pathlib import Path

from sample_tts.speaker import embed


class SampleTTS:
    def __init__(self, voice="reference.wav"):
        self.voice = Path(voice)
        self.language = "en"

    def speak(
        self,
        text,
        *,
        seed=0,
        nfe_step=32,  # as the model was trained
    ):
        samples = []
        for fragment in text.split(","):
            samples += self._speak_fragment(fragment, seed, nfe_step)
        return samples

    def _speak_fragment(self, fragment, seed, nfe_step):
        # The reference is analysed again for every fragment.
        speaker = embed(self.voice)
        return [speaker, fragment, seed, nfe_step]
