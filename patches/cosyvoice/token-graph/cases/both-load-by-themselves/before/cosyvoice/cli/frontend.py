class CosyVoiceFrontEnd:
    pass
