from pathlib import Path
from models.synthesizer.inference import Synthesizer


class Input:
    message = ""


def convert(input: Input) -> bytes:
    """synthesize(转换)"""
    return Synthesizer(Path("a.pt")).synthesize_spectrograms([input.message], [None])
