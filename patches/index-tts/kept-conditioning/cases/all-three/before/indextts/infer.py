class IndexTTS:
    pass
