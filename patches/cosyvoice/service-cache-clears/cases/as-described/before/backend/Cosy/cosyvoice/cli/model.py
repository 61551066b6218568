class CosyVoiceModel:
    pass
