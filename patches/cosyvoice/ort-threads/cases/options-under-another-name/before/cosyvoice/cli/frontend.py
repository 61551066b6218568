import os

import onnxruntime
import torch


class CosyVoiceFrontEnd:

    def __init__(self, campplus_model, speech_tokenizer_model, spk2info=''):
        session_options = onnxruntime.SessionOptions()
        session_options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        session_options.intra_op_num_threads = 1
        self.campplus_session = onnxruntime.InferenceSession(campplus_model, sess_optionss=session_options, providers=["CPUExecutionProvider"])
        self.speech_tokenizer_session = onnxruntime.InferenceSession(speech_tokenizer_model, sess_optionss=session_options)
        self.spk2info = torch.load(spk2info) if os.path.exists(spk2info) else {}
