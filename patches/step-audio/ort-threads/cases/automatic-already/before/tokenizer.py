import threading
import os

import numpy as np
import torch
import torchaudio
import onnxruntime

from model_loader import model_loader


class StepAudioTokenizer:
    def __init__(self, path, providers=("CPUExecutionProvider",)):
        self.funasr = model_loader.load(os.path.join(path, "paraformer"))
        self.kms = torch.tensor(np.load(os.path.join(path, "centres.npy")))
        session_option = onnxruntime.SessionOptions()
        session_option.intra_op_num_threads = min(8, torch.get_num_threads())
        session_option.add_session_config_entry('session.intra_op.allow_spinning', '0')
        self.session = onnxruntime.InferenceSession(
            os.path.join(path, "speech.onnx"), sess_options=session_option, providers=list(providers)
        )
        self.lock = threading.Lock()

    def __call__(self, wave, rate):
        return self.session.run(None, {"wave": torchaudio.functional.resample(wave, rate, 16000).numpy()})
