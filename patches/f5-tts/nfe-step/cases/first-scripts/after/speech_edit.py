nfe_step = 7  # 16, 32
wave = model.sample(cond, steps=nfe_step)
