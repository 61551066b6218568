import os

import onnxruntime
import torch


class CosyVoiceFrontEnd:

    def __init__(self, campplus_model, speech_tokenizer_model, spk2info=''):
        option = onnxruntime.SessionOptions()
        option.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        option.intra_op_num_threads = min(8, torch.get_num_threads())
        option.add_session_config_entry('session.intra_op.allow_spinning', '0')
        self.campplus_session = onnxruntime.InferenceSession(campplus_model, sess_options=option, providers=["CPUExecutionProvider"])
        self.speech_tokenizer_session = onnxruntime.InferenceSession(speech_tokenizer_model, sess_options=option)
        self.spk2info = torch.load(spk2info) if os.path.exists(spk2info) else {}
