import torch


class CosyVoiceModel:
    pass


class CosyVoice2Model(CosyVoiceModel):
    stream = True
