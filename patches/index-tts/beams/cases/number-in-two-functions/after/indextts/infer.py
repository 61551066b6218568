class IndexTTS:
    def infer(self, voice, text):
        top_k = 30
        num_beams = 1
        return self.gpt(text, top_k=top_k, num_beams=num_beams)

    def infer_fast(self, text):
        num_beams = 1
        return [self.gpt(part, num_beams=num_beams) for part in text.split(".")]
