import torch
import onnxruntime


class StepAudioTokenizer:
    def __init__(self, path):
        session_option = onnxruntime.SessionOptions()
        session_option.intra_op_num_threads = 3
        session_option.add_session_config_entry('session.intra_op.allow_spinning', '0')
        self.ort_session = onnxruntime.InferenceSession(path, sess_options=session_option)
