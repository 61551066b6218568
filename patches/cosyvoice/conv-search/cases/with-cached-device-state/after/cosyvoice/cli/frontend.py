import onnxruntime
import torch


class CosyVoiceFrontEnd:
    def __init__(self, campplus_model, speech_tokenizer_model):
        option = onnxruntime.SessionOptions()
        self.campplus_session = onnxruntime.InferenceSession(campplus_model, sess_options=option, providers=["CPUExecutionProvider"])
        self._cuda_available = torch.cuda.is_available()
        self.speech_tokenizer_session = onnxruntime.InferenceSession(speech_tokenizer_model, sess_options=option,
                                                                     providers=[("CUDAExecutionProvider", {"cudnn_conv_algo_search": 'HEURISTIC'}) if self._cuda_available else
                                                                                "CPUExecutionProvider"])  # 语音
