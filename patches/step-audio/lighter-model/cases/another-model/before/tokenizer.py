import os


class StepAudioTokenizer:
    def __init__(
        self,
        encoder_path,
        model_source="auto",
        funasr_model_id="own/model"
    ):
        self.model = load(os.path.join(encoder_path, funasr_model_id), model_source)
