class IndexTTS2:
    def infer(self, text):
        return self.gpt(text)
