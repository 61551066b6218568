from f5_tts.infer.utils_infer import infer_process


class F5TTS:
    def __init__(self, model=None):
        self.model = model

    def infer(self, reference, text, nfe_step=32, *, speed=1.0):
        return infer_process(reference, text, self.model, nfe_step=nfe_step, speed=speed)
