class UnifiedVoice:
    pass
