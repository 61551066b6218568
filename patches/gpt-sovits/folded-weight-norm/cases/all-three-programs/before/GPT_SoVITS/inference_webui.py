import torch

vq_model = None


def change_sovits_weights(path):
    global vq_model
    dict_s2 = torch.load(path)
    vq_model = build(dict_s2["config"])
    if is_half == True:
        vq_model = vq_model.half().to(device)
    vq_model.eval()
    if if_lora_v3 == False:
        print("loading sovits_%s" % model_version, vq_model.load_state_dict(dict_s2["weight"], strict=False))
    else:
        print("loading sovits_v3pretrained_G", vq_model.load_state_dict(read(base)["weight"], strict=False))
        vq_model.cfm = adapted(vq_model.cfm)
        print("loading sovits_v3_lora%s" % rank, vq_model.load_state_dict(dict_s2["weight"], strict=False))


def get_tts_wav(text):
    return vq_model.decode(text)
