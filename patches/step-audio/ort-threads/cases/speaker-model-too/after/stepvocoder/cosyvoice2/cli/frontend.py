import onnxruntime
import torch


class CosyVoiceFrontEnd(object):
    def __init__(self, campplus):
        option = onnxruntime.SessionOptions()
        option.intra_op_num_threads = min(8, torch.get_num_threads())
        option.add_session_config_entry('session.intra_op.allow_spinning', '0')
        self.campplus_session = onnxruntime.InferenceSession(
            campplus, sess_options=option, providers=["CPUExecutionProvider"]
        )
