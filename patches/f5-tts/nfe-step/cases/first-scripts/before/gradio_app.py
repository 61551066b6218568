import torch

ode_method = "euler"
nfe_step = 32  # 16, 32


@gpu_decorator
def infer(model, text):
    return model.sample(text, steps=nfe_step)
