import onnxruntime
import torch


class CosyVoiceFrontEnd(object):
    def __init__(self, campplus):
        option = onnxruntime.SessionOptions()
        option.intra_op_num_threads = 1
        self.campplus_session = onnxruntime.InferenceSession(
            campplus, sess_options=option, providers=["CPUExecutionProvider"]
        )
