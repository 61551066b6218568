import numpy as np
import onnxruntime


class CosyVoiceFrontEnd:

    def __init__(self, campplus_model, speech_tokenizer_model, spk2info=''):
        option = onnxruntime.SessionOptions()
        option.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        option.intra_op_num_threads = 1
        self.campplus_session = onnxruntime.InferenceSession(campplus_model, sess_options=option, providers=["CPUExecutionProvider"])
        self.speech_tokenizer_session = onnxruntime.InferenceSession(speech_tokenizer_model, sess_options=option)
        self.spk2info = np.load(spk2info)
