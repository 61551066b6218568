class IndexTTS:
    def infer(self, voice, text):
        top_k = 30
        num_beams = 3
        return self.gpt(text, top_k=top_k, num_beams=num_beams)
