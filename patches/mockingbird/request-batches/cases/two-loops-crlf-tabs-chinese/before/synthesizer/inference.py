class Synthesizer:
    pass
