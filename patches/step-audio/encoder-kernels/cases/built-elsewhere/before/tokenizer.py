class StepAudioTokenizer:
    pass
