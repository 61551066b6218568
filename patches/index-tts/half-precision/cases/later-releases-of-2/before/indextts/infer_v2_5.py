class IndexTTS2:
    def __init__(
            self, path="checkpoints", use_bf16=False, device=None,
            use_deepspeed=False
    ):
        """use_bf16 (bool): half precision or not."""
        self.use_bf16 = use_bf16 and device != "cpu"
