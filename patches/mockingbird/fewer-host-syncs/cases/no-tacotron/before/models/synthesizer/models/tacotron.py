from .vits import Vits


def build(hparams):
    return Vits(hparams)
