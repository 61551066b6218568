import threading

import torch


class StepAudioTokenizer:
    def wav2token(self, audio, sample_rate, enable_trim=True):
        audio = self.preprocess_wav(audio, sample_rate, enable_trim=enable_trim)

        return self.codes(audio)
