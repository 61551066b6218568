class IndexTTS:
    def infer(self, voice, text, **sample_kwargs):
        top_k = 30
        num_beams = sample_kwargs.pop("num_beams", 3)
        return self.gpt(text, top_k=top_k, num_beams=num_beams)
