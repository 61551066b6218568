class Synthesizer:
    def synthesize_spectrograms(self, texts, embeddings):
        return texts
