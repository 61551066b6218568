from f5_tts.infer.ttsopt_fewer_launches import launch_less
import torch


def load_vocoder(vocoder_name="vocos", device="cpu"):
    if vocoder_name == "vocos":
        vocoder = open_vocos(device)
    else:
        vocoder = open_bigvgan(device)
    return vocoder


def load_checkpoint(model, path, device):
    model.load_state_dict(torch.load(path))
    return model.to(device)


def load_model(kind, path, device="cpu"):
    model = kind()
    model = load_checkpoint(model, path, device)
    launch_less(model)
    return model


def infer_process(text):
    return infer_batch_process([text])


def infer_batch_process(texts):
    for text in texts:
        yield text
