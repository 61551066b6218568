import torch

dict_s2 = torch.load(sovits_path)
vq_model = build(dict_s2["config"])
vq_model.eval()
print(vq_model.load_state_dict(dict_s2["weight"],strict=False))
hz = 50


def get_tts_wav(text):
    return vq_model.decode(text)
