import torch


class IndexTTS2:
    def __init__(self, model_dir="checkpoints", device=None, use_deepspeed=False, use_torch_compile=False):
        self.device = device or ("cuda:0" if torch.cuda.is_available() else "cpu")
        self.use_torch_compile = use_torch_compile  # 流匹配
        self.s2mel = build(model_dir)
        if self.use_torch_compile:
            self.s2mel.enable_torch_compile()
