class IndexTTS:
    def infer(self, voice, text):
        return self.gpt(text)
