class CosyVoiceModel:
    def __init__(self, parts):
        self.hift = parts['hift'].eval()
