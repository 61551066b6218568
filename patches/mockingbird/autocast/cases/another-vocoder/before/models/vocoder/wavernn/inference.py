def infer_waveform(mel, normalize=True):
    return mel
