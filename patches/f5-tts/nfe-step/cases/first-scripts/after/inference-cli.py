import torch

ode_method = "euler"
nfe_step = 7  # 16, 32


def infer(model, text):
    return model.sample(text, steps=nfe_step)
