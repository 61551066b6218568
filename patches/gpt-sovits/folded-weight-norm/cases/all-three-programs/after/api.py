import torch


def get_sovits_weights(path):
    dict_s2 = torch.load(path)
    vq_model = build(dict_s2["config"])
    vq_model.eval()
    if if_lora_v3 == False:
        vq_model.load_state_dict(dict_s2["weight"], strict=False)
        for part in vq_model.modules():
            if hasattr(part, "weight_g"):
                torch.nn.utils.remove_weight_norm(part)
    else:
        vq_model.load_state_dict(read(base)["weight"], strict=False)
        vq_model.cfm = adapted(vq_model.cfm)
        vq_model.load_state_dict(dict_s2["weight"], strict=False)
    return vq_model


def get_tts_wav(text):
    return vq_model.decode(text)
