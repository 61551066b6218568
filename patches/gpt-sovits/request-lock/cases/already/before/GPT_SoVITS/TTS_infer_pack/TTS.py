class TTS_Config:
    pass


class TTS:
    def run(self, inputs):
        yield inputs
