"""Stubs that several workloads need where a machine lacks something. Loaded by worker.py for them.

In a workload: `import _ttsopt_stubs as stubs`.
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

# A voice's number modulo this is the voice; the quotient, how far it is turned (bench/run/variation.py).
TURN = 10007
TURN_FRAMES = 601


def weights_folder(job: Dict[str, Any], name: str) -> str:
    """Where the weights are: the folder that the user gave, else one of this name for random ones.

    Where some are real, random ones are written beside the links to those: through `write_once`, which leaves
    links alone.
    """
    if job["weights"] != "random":
        return str(job["weights"])
    return str(job["mixed"]["folder"]) if job.get("mixed") else os.path.join(job["scratch"], name)


def is_real(job: Dict[str, Any], component: str) -> bool:
    """True if a component of the model, by its name in models.toml, is a published one."""
    return job["weights"] != "random" or component in (job.get("mixed") or {}).get("real", ())


def of_weights(job: Dict[str, Any], sentence: str) -> str:
    """Return what to say of the weights: `sentence` where all are random, else which are real and which random."""
    mixed = job.get("mixed")
    if not mixed:
        return sentence
    return "random weights of %s; real ones of %s" % (
        " and ".join(mixed["random"]),
        " and ".join(mixed["real"]),
    )


def write_once(path: str, write: Callable[[str], object]) -> None:
    """Have `write(path)` make a file that is not there, whole or not at all; a link is left alone."""
    if os.path.lexists(path):
        return
    stem, ending = os.path.splitext(path)
    beside = stem + ".partial" + ending
    write(beside)
    os.replace(beside, path)


def own_voice(job: Dict[str, Any], path: str, number: int, write: Callable[[str], object]) -> str:
    """The file of a voice: `path`, %d being its number below TURN, made by `write` in the task prepare; or a copy.

    A round's voices are those of the first round begun at another place: the same speaker and length, other bytes,
    so that nothing that was kept of an earlier round is of use. The copies are the process's own.
    """
    turn, base = divmod(number, TURN)
    shared = path.replace("%d", str(base))
    if job["task"] == "prepare":
        write_once(shared, write)
    if turn == 0 and os.path.exists(shared):
        return shared
    folder = os.path.join(job["own"], "voices")
    os.makedirs(folder, exist_ok=True)
    made = os.path.join(folder, os.path.basename(path).replace("%d", str(number)))
    if turn == 0:
        write_once(made, write)
    elif not os.path.exists(made):
        write_turned(own_voice(job, path, base, write), made, turn)
    return made


def write_turned(path: str, target: str, turn: int) -> None:
    """Copy a WAV so that it begins later; what was cut off stands at its end."""
    with wave.open(path, "rb") as file:
        parameters, content = file.getparams(), file.readframes(file.getnframes())
    width = parameters.nchannels * parameters.sampwidth
    cut = width * (turn * TURN_FRAMES % max(1, parameters.nframes))
    with wave.open(target, "wb") as file:
        file.setparams(parameters)
        file.writeframes(content[cut:] + content[:cut])


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
    """Voice number -> WAV and what is said in it, for every utterance of the job.

    Those of the first round are made by the task prepare, those of later ones are copies of the process's own.

    The user's own voice, where one was given, stands for all of them.
    """
    numbers = voice_numbers(job)
    if job.get("prompt_audio"):
        return {number: (job["prompt_audio"], job.get("prompt_text") or "") for number in numbers}
    if job["task"] == "prepare":
        os.makedirs(folder, exist_ok=True)
    path, found = os.path.join(folder, "voice-%d.wav"), {}
    for number in numbers:
        base = number % TURN
        write = functools.partial(write_voice, number=base, rate=rate, seconds=seconds)
        found[number] = (own_voice(job, path, number, write), text)
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
