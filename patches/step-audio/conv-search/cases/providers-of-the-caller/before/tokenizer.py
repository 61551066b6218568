import os

import onnxruntime


class StepAudioTokenizer:
    def __init__(self, path, providers):
        names = ["wave"]
        session_option = onnxruntime.SessionOptions()
        self.names = names
        self.session = onnxruntime.InferenceSession(
            os.path.join(path, "speech.onnx"), sess_options=session_option, providers=list(providers)
        )

    def __call__(self, wave):
        return self.session.run(None, {"wave": wave})
