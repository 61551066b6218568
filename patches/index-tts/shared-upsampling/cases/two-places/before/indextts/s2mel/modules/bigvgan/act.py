class Activation1d:
    pass
