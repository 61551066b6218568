import torch

vq_model = None


def change_sovits_weights(path):
    global vq_model
    dict_s2 = torch.load(path)
    vq_model = build(dict_s2["config"])
    if is_half == True:
        vq_model = vq_model.half().to(device)
    vq_model.eval()
    print(vq_model.load_state_dict(dict_s2["weight"], strict=False))


def get_tts_wav(text):
    return vq_model.decode(text)
