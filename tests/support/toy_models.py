"""A toy system of one's own with models, its checkout, and a workload that says which weights it got."""

from __future__ import annotations

from pathlib import Path

SYSTEM = """\
id = "toy-tts"
name = "Toy TTS"
homepage = "https://example.org/toy-tts"
package = "toy-tts"

[[layouts]]
name = "toy"
files = [{ path = "toy_tts/speak.py", defines = ["class Toy"] }]

[bench]
modules = []
languages = ["en"]
"""
MODELS = """\
[[models]]
name = "Toy-2"
about = "the larger one"
variable = "TTSOPT_TOY"
value = "2"

[[models.components]]
name = "encoder"
huggingface = "owner/toy.2"
modelscope = "owner/toy.2"
folders = ["weights"]
alone = true
files = [{ path = "encoder.bin", source = "parts/encoder.bin", megabytes = 2, places = ["old/*/encoder.bin"] }]

[[models.components]]
name = "vocoder"
huggingface = "owner/vocoder"
folders = ["{cache}"]
alone = true
files = [{ path = "vocoder/v.bin", source = "v.bin", megabytes = 3, beside = [".json"] }]

[[models.components]]
name = "for a patch"
huggingface = "owner/toy.2"
folders = ["weights"]
patches = ["toy-tts/fast"]
files = [{ path = "engine.bin", megabytes = 1 }]

[[models]]
name = "Toy-1"
variable = "TTSOPT_TOY"
value = "1"

[[models.components]]
name = "everything"
by_hand = "a friend has it"
folders = ["weights"]
files = [{ path = "all.bin", megabytes = 1 }]
"""
WORKLOAD = """\
import os

import _ttsopt_stubs as stubs

WEIGHTS = "random weights"
STUBS = (WEIGHTS,)


def write(path):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write("random")


def prepare(job):
    if job["weights"] == "random":
        for name in ("encoder.bin", "vocoder/v.bin"):
            stubs.write_once(os.path.join(stubs.weights_folder(job, "toy"), name), write)


def load(job):
    global STUBS
    from toy_tts.speak import Toy

    folder = stubs.weights_folder(job, "toy")
    found = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(parent, name)) as file:
                found[name] = file.read()
    found["model"] = os.environ.get("TTSOPT_TOY", "none")
    found["size"] = job["size"]
    found["real encoder"] = str(stubs.is_real(job, "encoder"))
    Toy.folder = folder
    STUBS = (stubs.of_weights(job, WEIGHTS),) if job["weights"] == "random" else ()
    globals()["describe"] = lambda: dict(found, device="cpu")

    def speak(utterance, seed):
        return {"samples": Toy().speak(utterance["text"]), "sample_rate": 8000}

    return speak
"""
SPEAK = """\
import math


class Toy:
    folder = ""

    def speak(self, text):
        return [math.sin(0.3 * at) / 2 for at in range(4000)]
"""


def toy_catalogue(folder: Path) -> Path:
    """A catalogue with the system; the folder for --catalog."""
    system = folder / "own" / "toy-tts"
    system.mkdir(parents=True)
    (system / "system.toml").write_text(SYSTEM)
    (system / "models.toml").write_text(MODELS)
    (system / "workload.py").write_text(WORKLOAD)
    return system.parent


def toy_checkout(folder: Path) -> Path:
    """A checkout of it, without weights."""
    toy = folder / "toy"
    (toy / "toy_tts").mkdir(parents=True)
    (toy / "toy_tts" / "speak.py").write_text(SPEAK)
    return toy


def put(file: Path, text: str = "real") -> Path:
    """A file with its folders."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file
