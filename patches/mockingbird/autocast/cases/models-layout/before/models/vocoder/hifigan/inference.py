from __future__ import absolute_import, print_function

import torch

generator = None
_device = None


def infer_waveform(mel, progress_callback=None):
    if generator is None:
        raise Exception("no generator")
    mel = torch.FloatTensor(mel).to(_device).unsqueeze(0)
    with torch.no_grad():
        wave = generator(mel).squeeze()
    return wave.cpu().numpy(), 16000
