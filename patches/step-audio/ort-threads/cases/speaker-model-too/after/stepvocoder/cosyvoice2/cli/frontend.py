import os
import onnxruntime
import torch


class CosyVoiceFrontEnd(object):
    def __init__(self, campplus):
        option = onnxruntime.SessionOptions()
        option.intra_op_num_threads = min(8, len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count() or 1)
        self.campplus_session = onnxruntime.InferenceSession(
            campplus, sess_options=option, providers=["CPUExecutionProvider"]
        )
