import onnxruntime
import torch


class CosyVoiceFrontEnd:

    def __init__(self, campplus_model, speech_tokenizer_model):
        option = onnxruntime.SessionOptions()
        option.intra_op_num_threads = 1
        self.campplus_session = onnxruntime.InferenceSession(campplus_model, sess_options=option, providers=["CPUExecutionProvider"])
        self.speech_tokenizer_session = onnxruntime.InferenceSession(speech_tokenizer_model, sess_options=option, providers=["CUDAExecutionProvider"])  # 语音分词器
