"""What several workloads need where a machine lacks something. Loaded by worker.py for them.

In a workload: `import _ttsopt_stand_ins as stand_ins`.
"""

from __future__ import annotations

import array
import functools
import importlib
import importlib.util
import math
import os
import sys
import wave
from typing import Any, Callable, Dict, List, Tuple


def weights_folder(job: Dict[str, Any], name: str) -> str:
    """Where the weights are: the folder that the user gave, else one of this name for random ones."""
    return os.path.join(job["scratch"], name) if job["weights"] == "random" else job["weights"]


def write_once(path: str, write: Callable[[str], object]) -> None:
    """Have `write(path)` make a file that is not there, whole or not at all."""
    if os.path.exists(path):
        return
    stem, ending = os.path.splitext(path)
    beside = stem + ".partial" + ending
    write(beside)
    os.replace(beside, path)


def write_voice(path: str, number: int = 0, rate: int = 24000, seconds: float = 2.0) -> None:
    """A hum with overtones, syllables and no silence, 16-bit WAV; each number is another voice."""
    samples = array.array("h")
    pitch = 140.0 * 1.07 ** (number % 12) + number // 12
    for i in range(int(seconds * rate)):
        t = i / rate
        phase = 2 * math.pi * (pitch * t + 8 * math.sin(2 * math.pi * t))
        tone = sum(math.sin(k * phase) / k for k in range(1, 9))
        samples.append(int(6000 * (0.6 + 0.4 * math.sin(2 * math.pi * 4 * t)) * tone))
    with wave.open(path, "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(samples.tobytes())


def voice_numbers(job: Dict[str, Any]) -> List[int]:
    """The voices of all that is spoken, to warm up too; 0 is always one of them."""
    rows = job["utterances"] + job.get("warmup_utterances", [])
    return sorted({row.get("voice", 0) for row in rows} | {0})


def voices(
    job: Dict[str, Any], folder: str, text: str, rate: int = 24000, seconds: float = 2.0
) -> Dict[int, Tuple[str, str]]:
    """Voice number -> WAV and what is said in it, for every utterance of the job: written where it is not there.

    The user's own voice, where one was given, stands for all of them.
    """
    numbers = voice_numbers(job)
    if job.get("prompt_audio"):
        return {number: (job["prompt_audio"], job.get("prompt_text") or "") for number in numbers}
    os.makedirs(folder, exist_ok=True)
    found = {}
    for number in numbers:
        path = os.path.join(folder, "voice-%d.wav" % number)
        write_once(path, functools.partial(write_voice, number=number, rate=rate, seconds=seconds))
        found[number] = (path, text)
    return found


def load_audio(path: Any, *_: Any, **__: Any) -> Tuple[Any, int]:
    """torchaudio.load: float32 (channels, samples) and the rate in Hz."""
    import soundfile
    import torch

    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return torch.from_numpy(samples.T.copy()), rate


def save_audio(file: Any, samples: Any, sample_rate: int, format: str = "wav", **_: Any) -> None:  # noqa: A002 - torchaudio's name
    """torchaudio.save: 16-bit PCM."""
    import soundfile

    values = samples.detach().cpu().numpy().T
    soundfile.write(file, values, sample_rate, format=format.upper(), subtype="PCM_16")


def import_torchaudio() -> Any:
    """torchaudio; in pure Python where its extension is built for another torch (CUDA, mostly)."""
    try:
        return importlib.import_module("torchaudio")
    except OSError as error:
        if "torchaudio" not in str(error):
            raise
    for name in [name for name in sys.modules if name.partition(".")[0] == "torchaudio"]:
        del sys.modules[name]
    found = importlib.util.find_spec("torchaudio")
    assert found is not None, "it was found a moment ago"
    package = next(iter(found.submodule_search_locations or ()))
    name, path = "torchaudio._extension.utils", os.path.join(package, "_extension", "utils.py")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None, "a Python file has a loader"
    assert spec.loader is not None
    utils: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(utils)
    utils._load_lib = lambda _: False  # noqa: SLF001 - its answer where no library file is there
    sys.modules[name] = utils
    return importlib.import_module("torchaudio")
