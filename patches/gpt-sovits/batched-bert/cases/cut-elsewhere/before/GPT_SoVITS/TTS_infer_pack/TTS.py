class TTS_Config:
    pass


class TTS:
    pass
