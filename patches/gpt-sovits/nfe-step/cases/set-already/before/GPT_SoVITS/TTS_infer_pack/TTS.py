class TTS_Config:
    pass


class TTS:
    def run(self, inputs):
        """
        "sample_steps": 32,  # 采样步数
        """
        text = inputs.get("text", "")
        sample_steps = inputs.get("sample_steps", 8)
        return self.flow(text)

    def flow(self, text, sample_steps: int = 32):
        return text
