class F5TTS:
    def infer(
        self,
        text,
        nfe_step=7,
    ):
        return infer_process(text, nfe_step)
