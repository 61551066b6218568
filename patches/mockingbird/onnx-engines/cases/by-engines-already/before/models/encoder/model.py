class SpeakerEncoder:
    pass
