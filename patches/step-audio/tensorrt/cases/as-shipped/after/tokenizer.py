from ttsopt_tensorrt_session import session_by_tensorrt
import os

import onnxruntime


class StepAudioTokenizer:
    def __init__(self, path, providers=("CUDAExecutionProvider",)):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.ort_session = session_by_tensorrt(onnxruntime.InferenceSession, os.path.join(path, "speech.onnx"), sess_options=options, providers=list(providers))

    def __call__(self, features):
        return self.ort_session.run(None, {"features": features})
