from functools import lru_cache
import onnxruntime
import torch
_cuda_is_available = lru_cache(maxsize=None)(torch.cuda.is_available)


class CosyVoiceFrontEnd:
    def __init__(self, campplus_model, speech_tokenizer_model):
        self.device = torch.device('cuda' if _cuda_is_available() else 'cpu')
        option = onnxruntime.SessionOptions()
        self.campplus_session = onnxruntime.InferenceSession(campplus_model, sess_options=option, providers=["CPUExecutionProvider"])
        self.speech_tokenizer_session = onnxruntime.InferenceSession(speech_tokenizer_model, sess_options=option,
                                                                     providers=[("CUDAExecutionProvider", {"cudnn_conv_algo_search": 'HEURISTIC'}) if _cuda_is_available() else
                                                                                "CPUExecutionProvider"])  # 语音
