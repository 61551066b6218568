import threading
from concurrent.futures import ThreadPoolExecutor, wait

import torch


class StepAudioTokenizer:
    def __init__(self, path):
        self.funasr_model = AutoModel(model=path)
        self.ort_session = onnxruntime.InferenceSession(path, providers=["CUDAExecutionProvider"])

    def wav2token(self, audio, sample_rate, enable_trim=True):
        audio = self.preprocess_wav(audio, sample_rate, enable_trim=enable_trim)

        vq02_ori = self.get_vq02_code(audio)
        vq02 = [int(x) + 65536 for x in vq02_ori]
        vq06_ori = self.get_vq06_code(audio)
        vq06 = [int(x) + 66560 for x in vq06_ori]
        return self.mixed(vq02, vq06), vq02_ori, vq06_ori
