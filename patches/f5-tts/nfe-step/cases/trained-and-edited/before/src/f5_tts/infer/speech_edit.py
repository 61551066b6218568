nfe_step = 32  # 16, 32
wave = model.sample(cond, steps=nfe_step)
