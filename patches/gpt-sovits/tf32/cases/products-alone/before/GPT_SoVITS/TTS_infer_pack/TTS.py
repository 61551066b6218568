import random

import torch


def set_seed(seed: int):
    seed = int(seed) if seed != -1 else random.randint(0, 2**32 - 1)
    torch.manual_seed(seed)
    try:
        if torch.cuda.is_available():
            torch.cuda.manual_seed_all(seed)
            # torch.backends.cudnn.benchmark = False
            # 影响精度
            torch.backends.cuda.matmul.allow_tf32 = False
    except:
        pass
    return seed


class TTS_Config:
    pass


class TTS:
    def run(self, inputs: dict):
        inputs["seed"] = set_seed(inputs.get("seed", -1))
