from functools import lru_cache
import onnxruntime
import torch
_cuda_is_available = lru_cache(maxsize=None)(torch.cuda.is_available)


class CosyVoiceFrontEnd:

    def __init__(self, get_tokenizer, speech_tokenizer_model, allowed_special='all'):
        self.tokenizer = get_tokenizer()
        self.device = torch.device('cuda' if _cuda_is_available() else 'cpu')
        option = onnxruntime.SessionOptions()
        self.speech_tokenizer_session = onnxruntime.InferenceSession(speech_tokenizer_model, sess_options=option,
                                                                     providers=["CUDAExecutionProvider"if _cuda_is_available() else
                                                                                "CPUExecutionProvider"])
        self.allowed_special = allowed_special
