"""Phones to frames."""

NFE_STEP   =   8  # function evaluations of the flow
PULL = 0.7


def refine(target, seed, nfe_step: int = NFE_STEP):
    x = [seed] * len(target)
    for _ in range(nfe_step):
        x = [value + PULL * (goal - value) / nfe_step for value, goal in zip(x, target)]
    return x
