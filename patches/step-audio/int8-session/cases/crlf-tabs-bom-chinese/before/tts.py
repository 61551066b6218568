class StepAudioTTS:
    pass
