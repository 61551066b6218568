class CosyVoiceFrontEnd:
    def __init__(self, get_tokenizer):
        self.tokenizer = get_tokenizer()
