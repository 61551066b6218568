def embed_utterance(wav):
    return wav
