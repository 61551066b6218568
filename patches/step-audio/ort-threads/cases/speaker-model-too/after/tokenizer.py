import os
import onnxruntime


class StepAudioTokenizer:
    def __init__(self, path):
        session_option = onnxruntime.SessionOptions()
        session_option.intra_op_num_threads = min(8, len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count() or 1)
        self.ort_session = onnxruntime.InferenceSession(path, sess_options=session_option)
