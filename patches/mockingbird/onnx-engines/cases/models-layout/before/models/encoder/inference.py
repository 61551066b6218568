import torch
from models.encoder.model import SpeakerEncoder

_model = None


def load_model(path, device="cpu"):
    global _model
    _model = SpeakerEncoder(device, "cpu")
    _model.load_state_dict(torch.load(path)["model_state"])
    _model.eval()
    print("Loaded encoder")  # 载入
    return _model


def embed_frames_batch(frames):
    return _model.forward(torch.from_numpy(frames)).detach().numpy()


def embed_utterance(wav):
    return embed_frames_batch(wav[None])[0]
