class Synthesizer:
    if True:
        def synthesize_spectrograms(self, texts):
            return texts
    else:
        def synthesize_spectrograms(self, texts):
            return None
