import threading

import torch


class StepAudioTokenizer:
    def __init__(self, path):
        self.funasr_model = AutoModel(model=path)
        self.ort_session = onnxruntime.InferenceSession(path, providers=["CUDAExecutionProvider"])

    def wav2token(self, audio, sample_rate, enable_trim=True):
        audio = self.preprocess_wav(audio, sample_rate, enable_trim=enable_trim)

        return self.codes(audio)
