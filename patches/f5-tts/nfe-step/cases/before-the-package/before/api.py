class F5TTS:
    def infer(
        self,
        text,
        nfe_step=32,
    ):
        return infer_process(text, nfe_step)
