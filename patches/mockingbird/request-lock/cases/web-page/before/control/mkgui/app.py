from pathlib import Path
from models.synthesizer.inference import Synthesizer


class Input:
    message = ""


def synthesize(input: Input) -> bytes:
    """synthesize(合成)"""
    return Synthesizer(Path("a.pt")).synthesize_spectrograms([input.message], [None])
