import os  # 路径


class StepAudioTokenizer:
    def __init__(
        self,
        encoder_path,
        model_source="auto",
        funasr_model_id='damo/speech_paraformer-base_asr_nat-zh-cn-16k-common-vocab8404'
    ):
        self.model = load(os.path.join(encoder_path, funasr_model_id), model_source)
