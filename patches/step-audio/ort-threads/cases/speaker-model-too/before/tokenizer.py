import onnxruntime


class StepAudioTokenizer:
    def __init__(self, path):
        session_option = onnxruntime.SessionOptions()
        session_option.intra_op_num_threads = 1
        self.ort_session = onnxruntime.InferenceSession(path, sess_options=session_option)
