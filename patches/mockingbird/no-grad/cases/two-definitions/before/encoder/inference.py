import torch

if torch.cuda.is_available():
    def embed_frames_batch(frames):
        return frames
else:
    def embed_frames_batch(frames):
        return frames + 0


def embed_utterance(wave):
    return embed_frames_batch(wave)
