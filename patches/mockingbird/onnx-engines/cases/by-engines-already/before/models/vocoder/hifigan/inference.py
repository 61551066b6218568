from models.vocoder.hifigan.ttsopt_onnx_engine import run_by_engine
import torch
from models.vocoder.hifigan.models import Generator

generator = None


def load_model(path, device="cpu"):
    global generator
    generator = Generator(read(path)).to(device)
    generator.load_state_dict(torch.load(path)["generator"])
    generator.eval()
    generator.remove_weight_norm()
    run_by_engine(generator)


def infer_waveform(mel):
    with torch.no_grad():
        return generator(mel)
