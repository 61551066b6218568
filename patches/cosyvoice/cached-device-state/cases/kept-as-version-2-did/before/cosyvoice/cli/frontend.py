import onnxruntime
import torch


class CosyVoiceFrontEnd:

    def __init__(self, get_tokenizer, speech_tokenizer_model, allowed_special='all'):
        self.tokenizer = get_tokenizer()
        self._cuda_available = torch.cuda.is_available()
        self.device = torch.device('cuda' if self._cuda_available else 'cpu')
        option = onnxruntime.SessionOptions()
        self.speech_tokenizer_session = onnxruntime.InferenceSession(speech_tokenizer_model, sess_options=option,
                                                                     providers=["CUDAExecutionProvider" if self._cuda_available else
                                                                                "CPUExecutionProvider"])
        self.allowed_special = allowed_special
