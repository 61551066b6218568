def get_tts_wav(text):
    return bert_model(text)
