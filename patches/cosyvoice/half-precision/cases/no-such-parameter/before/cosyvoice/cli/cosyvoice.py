class CosyVoice:

    def __init__(self, model_dir):
        self.model_dir = model_dir
