from control.mkgui.ttsopt_request_lock import one_call_at_a_time
from pathlib import Path
from models.synthesizer.inference import Synthesizer


class Input:
    message = ""


@one_call_at_a_time
def convert(input: Input) -> bytes:
    """synthesize(转换)"""
    return Synthesizer(Path("a.pt")).synthesize_spectrograms([input.message], [None])
