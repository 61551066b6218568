class UNetT:
    pass
