class IndexTTS2:
    def __init__(
            self, path="checkpoints", is_fp16=True, device=None,
            use_deepspeed=False
    ):
        """is_fp16 (bool): half precision or not."""
        self.is_fp16 = is_fp16 and device != "cpu"
