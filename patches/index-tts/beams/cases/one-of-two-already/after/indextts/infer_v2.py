class IndexTTS2:
    def infer_generator(self, voice, text, **generation_kwargs):
        top_k = generation_kwargs.pop("top_k", 30)
        num_beams = generation_kwargs.pop("num_beams", 1)
        yield self.gpt(text, top_k=top_k, num_beams=num_beams)
