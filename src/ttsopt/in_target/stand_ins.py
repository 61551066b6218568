"""What several workloads need where a machine lacks something. Loaded by worker.py for them.

In a workload, inside a function: `import _ttsopt_stand_ins as stand_ins`.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from typing import Any, Callable, Tuple


def write_once(path: str, write: Callable[[str], object]) -> None:
    """Have `write(path)` make a file that is not there, whole or not at all."""
    if os.path.exists(path):
        return
    stem, ending = os.path.splitext(path)
    beside = stem + ".partial" + ending
    write(beside)
    os.replace(beside, path)


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
