class IndexTTS2:
    def __init__(
            self, path="checkpoints", use_fp16=False, device=None,
            use_deepspeed=False
    ):
        """use_fp16 (bool): half precision or not."""
        self.use_fp16 = use_fp16 and device != "cpu"
