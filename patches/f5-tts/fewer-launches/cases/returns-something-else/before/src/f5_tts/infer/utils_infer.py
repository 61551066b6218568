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
    return model, path


def infer_process(text):
    return infer_batch_process([text])


def infer_batch_process(texts):
    for text in texts:
        yield text
