class IndexTTS:
    def infer(self, voice, text, **generation_kwargs):
        top_k = 30
        num_beams = generation_kwargs.pop("num_beams", 1)
        return self.gpt(text, top_k=top_k, num_beams=num_beams)
