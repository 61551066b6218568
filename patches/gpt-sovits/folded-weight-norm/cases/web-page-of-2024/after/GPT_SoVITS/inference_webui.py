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
    for part in vq_model.modules():
        if hasattr(part, "weight_g"):
            torch.nn.utils.remove_weight_norm(part)


def get_tts_wav(text):
    return vq_model.decode(text)
