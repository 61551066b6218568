import os

import onnxruntime


class StepAudioTokenizer:
    def __init__(self, path):
        names = ["wave"]
        providers = [("CUDAExecutionProvider", {"cudnn_conv_algo_search": 'HEURISTIC'}), "CPUExecutionProvider"]
        session_option = onnxruntime.SessionOptions()
        self.names = names
        self.session = onnxruntime.InferenceSession(
            os.path.join(path, "speech.onnx"), sess_options=session_option, providers=providers
        )

    def __call__(self, wave):
        return self.session.run(None, {"wave": wave})
