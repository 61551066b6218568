import os


class StepAudioTokenizer:
    def __init__(
        self,
        encoder_path,
        model_source="auto",
        funasr_model_id="dengcunqin/speech_paraformer-large_asr_nat-zh-cantonese-en-16k-vocab8501-online"
    ):
        self.model = load(os.path.join(encoder_path, funasr_model_id), model_source)
